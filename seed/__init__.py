"""The demo county: invented agencies around a real town, made by rule."""
