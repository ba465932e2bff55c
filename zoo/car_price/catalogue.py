"""The cars of the invented market: real makes and models, invented prices and shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brand:
    """Trims run from the plainest to the richest; diesel names carry `diesel_mark` before the trim."""

    trims: tuple[str, ...]
    diesel_mark: str = ""
    automatic: float = 0.08


@dataclass(frozen=True, slots=True)
class Model:
    """`price` is that of a new car in thousand rupees, `weight` its share of the market."""

    brand: str
    name: str
    price: float
    weight: float
    since: int
    until: int
    diesel: float = 0.0


BRANDS: Mapping[str, Brand] = {
    "Maruti": Brand(("LXI", "VXI", "ZXI", "ZXI Plus"), automatic=0.06),
    "Hyundai": Brand(("Era", "Magna", "Sportz", "Asta", "SX (O)"), "CRDi"),
    "Mahindra": Brand(("W4", "W6", "W8", "W11")),
    "Tata": Brand(("XE", "XM", "XT", "XZ"), "Revotorq", 0.05),
    "Honda": Brand(("E MT", "S MT", "V MT", "VX CVT"), "i-DTEC", 0.2),
    "Ford": Brand(("Ambiente", "Trend", "Titanium"), "TDCi"),
    "Toyota": Brand(("G", "GX", "V", "VX"), "D-4D", 0.15),
    "Chevrolet": Brand(("PS", "LS", "LT"), "TCDi", 0.02),
    "Renault": Brand(("RXE", "RXL", "RXT", "RXZ"), "dCi"),
    "Volkswagen": Brand(("Trendline", "Comfortline", "Highline"), "TDI", 0.2),
    "Škoda": Brand(("Active", "Ambition", "Style", "L&K"), "TDI CR", 0.35),
    "Fiat": Brand(("Active", "Dynamic", "Emotion"), "Multijet", 0.0),
    "Citroën": Brand(("Feel", "Shine"), "BlueHDi", 0.2),
    "Mercedes-Benz": Brand(("Classic", "Elegance", "Avantgarde"), "CDI", 0.95),
    "BMW": Brand(("Prestige", "Sport Line", "M Sport"), "d", 0.95),
    "Audi": Brand(("Premium", "Premium Plus", "Technology"), "TDI", 0.95),
    "Land Rover": Brand(("S", "SE", "HSE & Black Pack"), "TD4", 1.0),
}

MODELS = (
    Model("Maruti", "800", 260, 9, 1992, 2012),
    Model("Maruti", "Alto", 380, 22, 2001, 2020),
    Model("Maruti", "Wagon R", 520, 18, 2000, 2020),
    Model("Maruti", "Swift", 690, 20, 2005, 2020, 0.5),
    Model("Maruti", "Swift Dzire", 780, 18, 2008, 2020, 0.6),
    Model("Maruti", "Ertiga", 990, 8, 2012, 2020, 0.65),
    Model("Maruti", "Vitara Brezza", 1050, 7, 2016, 2020, 0.9),
    Model("Hyundai", "Santro", 420, 12, 1998, 2015),
    Model("Hyundai", "i10", 510, 15, 2008, 2017),
    Model("Hyundai", "i20", 790, 18, 2009, 2020, 0.45),
    Model("Hyundai", "Verna", 1080, 14, 2007, 2020, 0.6),
    Model("Hyundai", "Creta", 1450, 8, 2015, 2020, 0.7),
    Model("Mahindra", "Bolero", 850, 12, 2001, 2020, 1.0),
    Model("Mahindra", "Scorpio", 1350, 13, 2003, 2020, 1.0),
    Model("Mahindra", "XUV500", 1650, 9, 2011, 2020, 1.0),
    Model("Tata", "Indica", 430, 12, 1999, 2016, 0.85),
    Model("Tata", "Tiago", 580, 8, 2016, 2020, 0.25),
    Model("Tata", "Nexon", 980, 5, 2017, 2020, 0.5),
    Model("Honda", "City", 1130, 14, 1999, 2020, 0.3),
    Model("Honda", "Amaze", 760, 8, 2013, 2020, 0.45),
    Model("Ford", "Figo", 580, 9, 2010, 2020, 0.55),
    Model("Ford", "EcoSport", 1060, 9, 2013, 2020, 0.65),
    Model("Toyota", "Innova", 1750, 12, 2005, 2020, 0.95),
    Model("Toyota", "Etios", 720, 6, 2010, 2020, 0.5),
    Model("Toyota", "Fortuner", 3300, 5, 2009, 2020, 0.95),
    Model("Chevrolet", "Spark", 350, 6, 2007, 2015),
    Model("Chevrolet", "Beat", 460, 8, 2010, 2017, 0.5),
    Model("Renault", "KWID", 430, 8, 2015, 2020),
    Model("Renault", "Duster", 1120, 7, 2012, 2020, 0.85),
    Model("Volkswagen", "Polo", 790, 7, 2010, 2020, 0.45),
    Model("Volkswagen", "Vento", 990, 5, 2010, 2020, 0.5),
    Model("Škoda", "Fabia", 650, 3, 2008, 2013, 0.4),
    Model("Škoda", "Octavia", 2150, 4, 2002, 2020, 0.6),
    Model("Fiat", "Punto", 620, 4, 2009, 2018, 0.6),
    Model("Citroën", "C3", 680, 3, 2010, 2020, 0.3),
    Model("Mercedes-Benz", "C-Class", 4300, 2, 2005, 2020, 0.6),
    Model("Mercedes-Benz", "E-Class", 6200, 2, 2005, 2020, 0.7),
    Model("BMW", "3 Series", 4500, 3, 2008, 2020, 0.8),
    Model("BMW", "X1", 3800, 2, 2011, 2020, 0.8),
    Model("Audi", "A4", 4300, 3, 2009, 2020, 0.75),
    Model("Audi", "Q7", 8200, 1.5, 2010, 2020, 0.95),
    Model("Land Rover", "Discovery Sport", 5900, 1, 2015, 2020, 1.0),
)
ELECTRIC = (
    Model("Mahindra", "e2o Plus", 850, 1, 2014, 2020),
    Model("Tata", "Nexon EV", 1500, 1, 2019, 2020),
)
