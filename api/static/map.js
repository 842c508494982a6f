// The map of the results. The list is the main thing: without this script nothing is missing.
// The ground is our own county lines; tiles from elsewhere only where the settings name them.
const L = window.L;
const box = document.querySelector("#map-box");
const ground = document.querySelector("#map");

const MOST_CLOSE_IN = 14;
const TOWNS_FROM_ZOOM = 10;
const CITY_ZIPS = 3; // a town with so many ZIP codes is named at every zoom
const wide = window.matchMedia("(min-width: 60rem)");

let map;
let pins;

function label(name, latitude, longitude, kind) {
  const icon = L.divIcon({ className: `map-label ${kind}`, html: "", iconSize: null });
  const marker = L.marker([latitude, longitude], { icon, interactive: false, keyboard: false });
  marker.on("add", () => { marker.getElement().textContent = name; });
  return marker;
}

async function fetched(name) {
  const answer = await fetch(`/static/own/basemap/${name}.json`);
  return answer.json();
}

async function drawGround() {
  if (ground.dataset.tiles) {
    L.tileLayer(ground.dataset.tiles, { attribution: ground.dataset.attribution }).addTo(map);
    return;
  }
  const [counties, towns] = await Promise.all([fetched("counties"), fetched("towns")]);
  const lines = L.geoJSON(counties, {
    interactive: false,
    style: { className: "county-line", weight: 1.5, fill: false },
    pointToLayer: (feature, at) => label(feature.properties.name, at.lat, at.lng, "county"),
  }).addTo(map);
  const cities = L.layerGroup();
  const villages = L.layerGroup();
  for (const [name, latitude, longitude, zips] of towns) {
    label(name, latitude, longitude, "town").addTo(zips >= CITY_ZIPS ? cities : villages);
  }
  cities.addTo(map);
  const chooseLabels = () => {
    if (map.getZoom() >= TOWNS_FROM_ZOOM) villages.addTo(map); else villages.remove();
  };
  map.on("zoomend", chooseLabels);
  chooseLabels();
  if (!lines.getBounds().contains(map.getCenter())) drawGraticule();
}

// Where we have no lines to draw: the meridians and parallels, a quarter of a degree apart.
function drawGraticule() {
  const centre = map.getCenter();
  const step = 0.25;
  const reach = 12;
  const style = { className: "county-line", weight: 1, interactive: false };
  for (let n = -reach; n <= reach; n += 1) {
    const latitude = (Math.round(centre.lat / step) + n) * step;
    const longitude = (Math.round(centre.lng / step) + n) * step;
    const [south, north] = [centre.lat - reach * step, centre.lat + reach * step];
    const [west, east] = [centre.lng - reach * step, centre.lng + reach * step];
    L.polyline([[latitude, west], [latitude, east]], style).addTo(map);
    L.polyline([[south, longitude], [north, longitude]], style).addTo(map);
    label(`${latitude.toFixed(2)}`, latitude, centre.lng, "town").addTo(map);
    label(`${longitude.toFixed(2)}`, centre.lat, longitude, "town").addTo(map);
  }
}

function drawPins() {
  pins?.remove();
  pins = L.featureGroup();
  const found = document.querySelectorAll(".result[data-latitude]");
  found.forEach((card, index) => {
    const number = String(index + 1);
    card.querySelector(".nth").textContent = `${number}. `;
    const link = card.querySelector("h3 a");
    const at = [Number(card.dataset.latitude), Number(card.dataset.longitude)];
    const icon = L.divIcon({ className: "pin", html: number, iconSize: [30, 30] });
    const pin = L.marker(at, { icon, title: `${number}. ${link.textContent}`, alt: link.textContent });
    const popup = document.createElement("a");
    popup.href = link.href;
    popup.textContent = link.textContent;
    pin.bindPopup(popup).addTo(pins);
  });
  pins.addTo(map);
  return found.length;
}

function fit() {
  const bounds = pins.getBounds();
  if (ground.dataset.latitude) {
    bounds.extend([Number(ground.dataset.latitude), Number(ground.dataset.longitude)]);
  }
  map.fitBounds(bounds, { padding: [35, 35], maxZoom: MOST_CLOSE_IN, animate: false });
}

function start() {
  map = L.map(ground, { attributionControl: Boolean(ground.dataset.tiles), zoomAnimation: false,
    fadeAnimation: false, markerZoomAnimation: false });
  L.control.scale({ imperial: true, metric: false }).addTo(map);
  drawPins();
  fit();
  if (ground.dataset.latitude) {
    const here = [Number(ground.dataset.latitude), Number(ground.dataset.longitude)];
    const icon = L.divIcon({ className: "here", iconSize: [18, 18] });
    L.marker(here, { icon, interactive: false, keyboard: false }).addTo(map);
  }
  drawGround();
}

if (box && L && document.querySelector(".result[data-latitude]")) {
  box.hidden = false;
  box.addEventListener("toggle", () => { if (box.open && !map) start(); });
  box.open = wide.matches;
  document.body.addEventListener("htmx:afterSwap", () => {
    if (map && drawPins()) fit();
  });
}
