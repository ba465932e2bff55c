"""The ways in which six countries write money, numbers, telephones and addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """`money` holds {sum} for the digits, `sums` the range and step that are usual in the currency.

    `telephones` and `postcodes` hold a # for each digit.
    """

    name: str
    people: str
    thousands: tuple[str, ...]
    money: tuple[str, ...]
    worded_money: tuple[str, ...]
    sums: tuple[tuple[int, int, int], ...]
    grades: tuple[str, ...]
    telephones: tuple[str, ...]
    postcodes: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    banks: tuple[str, ...]
    endings: tuple[str, ...]
    wages: tuple[str, ...]


MEXICO = Country(
    name="México",
    people="mexicana",
    thousands=(",", ",", ",", ""),
    money=(
        "${sum}",
        "${sum}.00",
        "${sum}.00",
        "${sum} pesos",
        "{sum} pesos",
        "$ {sum} MXN",
        "${sum}.00 MN",
        "MX${sum}",
    ),
    worded_money=("mil pesos", "dos mil pesos", "tres mil quinientos pesos", "ochocientos pesos", "cuatro mil pesos"),
    sums=((200, 990, 10), (1000, 9900, 50), (10000, 60000, 500)),
    grades=("7.0", "7.5", "8", "8.0", "8.5", "9.0", "9.2", "8.3", "80", "85 sobre 100", "8.0 en escala de 10", "7.8"),
    telephones=("55 #### ####", "(55) ####-####", "222 ### ####", "01 800 ### ####", "+52 33 #### ####", "55########"),
    postcodes=("C.P. 0####", "CP 7####", "C. P. 4####"),
    streets=("Av.", "Avenida", "Calle", "Calz.", "Blvd.", "Prolongación"),
    cities=("Puebla", "Toluca", "Mérida", "Tepic", "Oaxaca", "Colima", "Saltillo", "Xalapa", "Morelia", "Querétaro"),
    banks=("BBVA", "Santander", "Banorte", "Citibanamex", "HSBC", "Scotiabank", "Banco Azteca", "Banco del Bienestar"),
    endings=(".mx", ".gob.mx", ".edu.mx", ".org.mx", ".com.mx"),
    wages=("salarios mínimos", "UMA mensuales", "veces el salario mínimo", "salarios mínimos per cápita"),
)
SPAIN = Country(
    name="España",
    people="española",
    thousands=(".", ".", ".", "", " "),
    money=("{sum} €", "{sum} euros", "{sum} euros", "{sum}€", "{sum},00 €", "{sum} EUR"),
    worded_money=("mil euros", "seiscientos euros", "dos mil euros", "trescientos euros", "mil doscientos euros"),
    sums=((60, 990, 10), (1000, 4900, 50), (5000, 32000, 250)),
    grades=("5,00", "5", "6,5", "6,50 puntos", "7", "7,5", "8", "8,25", "6", "9 sobre 10", "7,00 puntos"),
    telephones=("91 ### ## ##", "9## ### ###", "+34 6## ### ###", "900 ### ###", "952######", "(+34) 93 ### ## ##"),
    postcodes=("28###", "41###", "08###", "50###"),
    streets=("C/", "Calle", "Avda.", "Plaza", "Paseo de", "Ronda de"),
    cities=("Sevilla", "Granada", "Zaragoza", "Murcia", "Bilbao", "Cádiz", "Oviedo", "Lugo", "Badajoz", "Cuenca"),
    banks=("CaixaBank", "Banco Sabadell", "Bankinter", "Unicaja", "Kutxabank", "Ibercaja", "Abanca", "Banco Santander"),
    endings=(".es", ".org", ".eu", ".gob.es", ".com"),
    wages=("veces el IPREM", "veces el salario mínimo interprofesional", "IPREM"),
)
COLOMBIA = Country(
    name="Colombia",
    people="colombiana",
    thousands=(".", ".", "", ","),
    money=("${sum}", "{sum} pesos", "${sum} COP", "COP ${sum}", "{sum} pesos colombianos"),
    worded_money=("dos millones de pesos", "un millón de pesos", "quinientos mil pesos", "un salario mínimo"),
    sums=((100000, 950000, 10000), (1000000, 9800000, 100000)),
    grades=("3.5", "3.8", "4.0", "4,2", "3.7 sobre 5.0", "4.0 sobre 5", "3,9", "4.1"),
    telephones=("601 ### ####", "(604) ### ## ##", "+57 3## ### ####", "01 8000 ### ###", "3## #######"),
    postcodes=("código postal 11####", "05####"),
    streets=("Carrera", "Calle", "Cra.", "Avenida", "Transversal", "Diagonal"),
    cities=("Medellín", "Cali", "Manizales", "Pasto", "Ibagué", "Tunja", "Pereira", "Montería", "Neiva"),
    banks=("Bancolombia", "Davivienda", "Banco Popular", "Banco de Bogotá", "AV Villas", "Banco Agrario", "Nequi"),
    endings=(".co", ".edu.co", ".gov.co", ".com.co", ".org"),
    wages=("SMMLV", "salarios mínimos legales vigentes", "salarios mínimos mensuales"),
)
ARGENTINA = Country(
    name="Argentina",
    people="argentina",
    thousands=(".", ".", ""),
    money=("${sum}", "$ {sum}", "{sum} pesos", "ARS {sum}", "${sum},00", "{sum} pesos argentinos"),
    worded_money=("veinte mil pesos", "ochenta mil pesos", "cien mil pesos", "cuarenta y cinco mil pesos"),
    sums=((10000, 99500, 500), (100000, 900000, 5000)),
    grades=("6", "7", "7 (siete)", "7,50", "8", "6,5", "4", "7 puntos", "8 (ocho)"),
    telephones=("(011) ####-####", "0351 ###-####", "+54 9 11 ####-####", "0800-###-####", "11-####-####"),
    postcodes=("C1###", "(5000)", "B1900", "CP 2000"),
    streets=("Av.", "Calle", "Bv.", "Pasaje", "Diagonal"),
    cities=("Rosario", "Mendoza", "Salta", "Córdoba", "La Plata", "Santa Fe", "Neuquén", "Tucumán"),
    banks=("Banco Nación", "Banco Galicia", "Banco Macro", "Banco Provincia", "Brubank", "Banco Patagonia", "Ualá"),
    endings=(".ar", ".edu.ar", ".gob.ar", ".org.ar", ".com.ar"),
    wages=("salarios mínimos, vitales y móviles", "SMVM", "canastas básicas"),
)
PERU = Country(
    name="Perú",
    people="peruana",
    thousands=(",", ",", "", " "),
    money=("S/ {sum}", "S/{sum}.00", "{sum} soles", "S/. {sum}", "{sum} nuevos soles"),
    worded_money=("mil soles", "quinientos soles", "mil quinientos soles", "dos mil soles", "ochocientos soles"),
    sums=((150, 990, 10), (1000, 9800, 100)),
    grades=("14", "15", "13.5", "catorce", "16 en escala vigesimal", "14 sobre 20", "15.00", "12"),
    telephones=("(01) ###-####", "01 ### ####", "+51 9## ### ###", "0800 #####", "9## ### ###"),
    postcodes=("Lima 15###", "04###"),
    streets=("Jr.", "Av.", "Calle", "Avenida", "Psje."),
    cities=("Arequipa", "Cusco", "Trujillo", "Piura", "Huancayo", "Tacna", "Puno", "Iquitos"),
    banks=("Interbank", "BCP", "Banco de la Nación", "Scotiabank Perú", "BanBif", "MiBanco"),
    endings=(".pe", ".edu.pe", ".gob.pe", ".org.pe", ".com.pe"),
    wages=("remuneraciones mínimas vitales", "RMV", "UIT"),
)
CHILE = Country(
    name="Chile",
    people="chilena",
    thousands=(".", ".", ""),
    money=("${sum}", "{sum} pesos", "$ {sum}", "CLP {sum}", "{sum} pesos chilenos"),
    worded_money=("cien mil pesos", "trescientos mil pesos", "un millón de pesos", "ochenta mil pesos"),
    sums=((20000, 98000, 1000), (100000, 980000, 10000), (1000000, 4800000, 50000)),
    grades=("5,0", "5.5", "5,5", "6,0", "5,8", "nota 5,0", "6.2", "4,5"),
    telephones=("+56 2 #### ####", "(2) #### ####", "600 ### ####", "+56 9 #### ####", "32 ### ####"),
    postcodes=("83#####", "23#####"),
    streets=("Av.", "Calle", "Avenida", "Pasaje", "Camino"),
    cities=("Valparaíso", "Concepción", "Temuco", "Iquique", "Talca", "Arica", "Chillán", "La Serena"),
    banks=("BancoEstado", "Banco de Chile", "Bci", "Banco Falabella", "Itaú", "Scotiabank"),
    endings=(".cl", ".org", ".gob.cl", ".com"),
    wages=("ingresos mínimos", "sueldos mínimos", "UF"),
)
COUNTRIES = {MEXICO: 6.0, SPAIN: 3.0, COLOMBIA: 1.5, ARGENTINA: 1.5, PERU: 1.0, CHILE: 1.0}
"""By how often a page is from there."""
