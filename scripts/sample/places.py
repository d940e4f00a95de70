"""Indonesian places: provinces with their shares, cities and districts."""

from dataclasses import dataclass

import numpy as np

from sample.draw import Ints, Rng


@dataclass(frozen=True)
class Province:
    """A province with its share of buyers' GMV, its share of sellers, and (city, districts) pairs."""

    name: str
    of_gmv: float
    of_sellers: float
    cities: tuple[tuple[str, tuple[str, ...]], ...]


# GMV: Jakarta 41 % as published, Kalimantan Timur and Sumatera Utara next; the rest is plausible.
PROVINCES = (
    Province("DKI Jakarta", 0.410, 0.26, (
        ("Jakarta Pusat", ("Gambir", "Menteng", "Tanah Abang")),
        ("Jakarta Selatan", ("Kebayoran Baru", "Setiabudi", "Tebet")),
        ("Jakarta Timur", ("Cakung", "Jatinegara", "Pulo Gadung")),
        ("Jakarta Barat", ("Grogol Petamburan", "Kebon Jeruk")),
        ("Jakarta Utara", ("Kelapa Gading", "Tanjung Priok")))),
    Province("Kalimantan Timur", 0.092, 0.05, (
        ("Balikpapan", ("Balikpapan Kota", "Balikpapan Selatan")),
        ("Samarinda", ("Samarinda Ulu", "Sungai Kunjang")),
        ("Bontang", ("Bontang Utara", "Bontang Selatan")))),
    Province("Sumatera Utara", 0.083, 0.06, (
        ("Medan", ("Medan Baru", "Medan Helvetia", "Medan Petisah")),
        ("Deli Serdang", ("Lubuk Pakam", "Tanjung Morawa")),
        ("Pematangsiantar", ("Siantar Barat", "Siantar Timur")))),
    Province("Jawa Barat", 0.075, 0.15, (
        ("Bandung", ("Coblong", "Cicendo", "Lengkong")),
        ("Bekasi", ("Bekasi Barat", "Medan Satria")),
        ("Karawang", ("Karawang Barat", "Telukjambe Timur")),
        ("Cirebon", ("Kejaksan", "Harjamukti")))),
    Province("Jawa Timur", 0.068, 0.13, (
        ("Surabaya", ("Gubeng", "Rungkut", "Wonokromo")),
        ("Gresik", ("Gresik", "Manyar")),
        ("Malang", ("Klojen", "Lowokwaru")))),
    Province("Banten", 0.045, 0.06, (
        ("Tangerang", ("Cipondoh", "Karawaci")),
        ("Tangerang Selatan", ("Ciputat", "Serpong")),
        ("Cilegon", ("Ciwandan", "Purwakarta")))),
    Province("Jawa Tengah", 0.042, 0.09, (
        ("Semarang", ("Banyumanik", "Semarang Tengah")),
        ("Cilacap", ("Cilacap Selatan", "Cilacap Utara")),
        ("Surakarta", ("Banjarsari", "Laweyan")))),
    Province("Sumatera Selatan", 0.035, 0.04, (
        ("Palembang", ("Ilir Barat I", "Plaju", "Sukarami")),
        ("Ogan Komering Ulu Selatan", ("Banding Agung", "Kisam Tinggi", "Muaradua")))),
    Province("Riau", 0.032, 0.03, (
        ("Pekanbaru", ("Marpoyan Damai", "Sukajadi")),
        ("Dumai", ("Dumai Kota", "Dumai Timur")))),
    Province("Sulawesi Selatan", 0.027, 0.04, (
        ("Makassar", ("Panakkukang", "Rappocini")),
        ("Gowa", ("Somba Opu", "Pallangga")))),
    Province("Bali", 0.018, 0.03, (
        ("Denpasar", ("Denpasar Barat", "Denpasar Selatan")),
        ("Badung", ("Kuta", "Mengwi")))),
    Province("DI Yogyakarta", 0.014, 0.03, (
        ("Yogyakarta", ("Gondokusuman", "Umbulharjo")),
        ("Sleman", ("Depok", "Mlati")))),
    Province("Papua", 0.013, 0.01, (
        ("Jayapura", ("Abepura", "Heram")),
        ("Merauke", ("Merauke", "Semangga")))),
    Province("Nusa Tenggara Barat", 0.010, 0.01, (
        ("Mataram", ("Ampenan", "Cakranegara")),
        ("Lombok Tengah", ("Praya", "Pujut")))),
    Province("Sulawesi Utara", 0.010, 0.01, (
        ("Manado", ("Malalayang", "Wenang")),
        ("Bitung", ("Aertembaga", "Maesa")))),
)  # fmt: skip
UNKNOWN_OF_GMV = 0.026
JAKARTA = 0

# One row per district: what a user's place is drawn from.
DISTRICTS = tuple(
    (p, district, city, province.name)
    for p, province in enumerate(PROVINCES)
    for city, districts in province.cities
    for district in districts
)
_OF_PROVINCE = np.array([row[0] for row in DISTRICTS])
_COUNT = np.bincount(_OF_PROVINCE)
_FIRST = np.cumsum(_COUNT) - _COUNT


def draw_districts(province: Ints, rng: Rng) -> Ints:
    """For each province a row of DISTRICTS within it."""
    return _FIRST[province] + rng.integers(0, _COUNT[province])
