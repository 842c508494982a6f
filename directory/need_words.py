"""Everyday words for the everyday needs, in English and Spanish, as people type them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: By the need's code: English, then Spanish, each separated by semicolons.
_WORDS: Final = {
    "food": (
        "hungry; something to eat; food help; food stamps; snap; wic; ebt",
        "comida; alimentos; hambre; ayuda con comida; cupones de alimentos; estampillas",
    ),
    "food-pantry": (
        "groceries; food bank; food box; food parcel; canned food; free food; food shelf",
        "despensa; banco de alimentos; caja de comida; mandado; víveres; comida gratis",
    ),
    "meals": (
        "soup kitchen; dinner; lunch; breakfast; hot food; meals on wheels; community meal",
        "comedor; comida caliente; almuerzo; cena; desayuno; comidas a domicilio",
    ),
    "baby-supplies": (
        "diapers; formula; baby food; wipes; baby clothes; car seat; stroller; nappies",
        "pañales; fórmula; leche para bebé; toallitas; ropa de bebé; asiento de bebé",
    ),
    "housing": (
        "home; apartment; house; place to live; low income housing; section 8; voucher",
        "vivienda; casa; apartamento; departamento; lugar donde vivir; sección 8",
    ),
    "shelter": (
        (
            "homeless; bed tonight; emergency shelter; warming center; nowhere to sleep; somewhere "
            "to sleep"
        ),
        "albergue; refugio; sin techo; sin hogar; cama para esta noche; dónde dormir",
    ),
    "rent-help": (
        "rent; eviction; back rent; security deposit; landlord; rental assistance; behind on rent",
        "renta; alquiler; desalojo; depósito; ayuda con la renta; renta atrasada",
    ),
    "housing-search": (
        (
            "apartment search; find a home; find an apartment; housing list; looking for a room; "
            "move out"
        ),
        "buscar casa; buscar apartamento; encontrar vivienda; buscar cuarto; mudanza; mudarse",
    ),
    "utilities": (
        "electric bill; gas bill; water bill; light bill; shut off; heating; power bill; liheap",
        "luz; recibo de luz; gas; recibo de agua; calefacción; electricidad; corte de luz",
    ),
    "furniture": (
        "bed; mattress; table; chairs; couch; dishes; blankets; household items",
        "muebles; cama; colchón; mesa; sofá; cobijas; platos; artículos del hogar",
    ),
    "clothing": (
        "clothes; coat; winter coat; shoes; boots; jacket; underwear; school uniform",
        "ropa; abrigo; zapatos; botas; chamarra; ropa interior; uniforme",
    ),
    "showers": (
        "shower; laundry; wash clothes; restroom; bathroom; hygiene; soap",
        "ducha; regadera; lavandería; lavar ropa; baño; higiene; jabón",
    ),
    "health": (
        "doctor; clinic; nurse; medicine; prescription; sick; checkup; free clinic",
        "médico; doctor; clínica; enfermera; medicina; receta; enfermo; salud",
    ),
    "dental": (
        "teeth; tooth; toothache; dental; dental care; dentures; cavity; tooth pulled",
        "dentista; clínica dental; dientes; muela; dolor de muela; caries; dentadura",
    ),
    "vision": (
        "glasses; eye exam; eye doctor; eyes; optometrist; contact lenses",
        "lentes; anteojos; examen de la vista; ojos; oculista; optometrista",
    ),
    "mental-health": (
        "counseling; therapy; therapist; depression; anxiety; stress; someone to talk to; grief",
        "consejería; terapia; psicólogo; depresión; ansiedad; estrés; duelo",
    ),
    "substance-use": (
        "rehab; detox; addiction; recovery; sober; drinking; drugs; aa; na; overdose",
        "rehabilitación; desintoxicación; adicción; alcohol; drogas; recuperación",
    ),
    "prenatal": (
        "pregnant; pregnancy; prenatal care; midwife; new mother; ultrasound; newborn",
        "embarazada; embarazo; cuidado prenatal; partera; mamá nueva; recién nacido",
    ),
    "insurance": (
        "medicaid; medicare; health coverage; marketplace; uninsured; insurance card; obamacare",
        "seguro médico; aseguranza; sin seguro; cobertura médica; inscripción; mercado de seguros",
    ),
    "domestic-violence": (
        (
            "abuse; abused; domestic violence; hit me; restraining order; order of protection; "
            "safe house; battered; sexual assault"
        ),
        "abuso; violencia doméstica; maltrato; orden de protección; me pega; agresión sexual",
    ),
    "legal": (
        (
            "lawyer; attorney; court; legal aid; custody; divorce; expungement; legal advice; "
            "legal information; legal services; legal assistance; legal clinic"
        ),
        "abogado; corte; ayuda legal; custodia; divorcio; asesoría legal; demanda",
    ),
    "immigration-help": (
        "immigrant; refugee; newcomer; interpreter; citizenship class; asylum; translation",
        "inmigrante; refugiado; recién llegado; intérprete; asilo; ciudadanía; traducción",
    ),
    "jobs": (
        "job; work; employment; resume; job training; interview; hiring; career",
        "trabajo; empleo; buscar trabajo; currículum; capacitación; entrevista",
    ),
    "education": (
        "ged; english class; esl; literacy; computer class; learn to read; diploma; adult school",
        (
            "clases de inglés; aprender inglés; alfabetización; computación; clases; escuela para "
            "adultos"
        ),
    ),
    "childcare": (
        "daycare; day care; head start; preschool; babysitter; after school; summer camp",
        "guardería; cuidado de niños; preescolar; niñera; después de la escuela; campamento",
    ),
    "youth": (
        "teen; teens; teenager; drop-in center; mentoring; runaway; young adults; tutoring",
        "jóvenes; adolescentes; mentores; jóvenes adultos; tutoría; centro juvenil",
    ),
    "seniors": (
        "senior; elderly; older people; senior center; aging; caregiver; retirement",
        "tercera edad; ancianos; adultos mayores; personas mayores; cuidador; jubilados",
    ),
    "disability": (
        "disabled; wheelchair; walker; blind; deaf; autism; special needs; ssi",
        "discapacidad; discapacitado; silla de ruedas; andador; ciego; sordo; autismo",
    ),
    "transport": (
        "ride; bus pass; bus ticket; gas card; car repair; taxi; medical transportation",
        "transporte; autobús; pase de autobús; pasaje; gasolina; viaje; llevarme al doctor",
    ),
    "tax-help": (
        "taxes; tax return; vita; budget; debt; credit; bankruptcy; money help",
        "impuestos; declaración de impuestos; presupuesto; deudas; crédito; bancarrota",
    ),
}


def _listed(words: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in words.split(";"))


#: The words for each need, by its code and then by language (ISO 639-1).
NEED_WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        code: MappingProxyType({"en": _listed(english), "es": _listed(spanish)})
        for code, (english, spanish) in _WORDS.items()
    }
)
