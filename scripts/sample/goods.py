"""What is sold: categories with their shares, goods and services, and the sellers' catalogues."""

from dataclasses import dataclass

import numpy as np

from sample.draw import Floats, Ints, Rng, coarse, lognormal, starts, within

PRODUCT_TYPES = ("barang", "jasa", "Barang & Jasa")

# How many of a unit one line usually orders, and at most.
UNITS = {
    "pcs": (20, 5000), "pack": (15, 2000), "meter": (40, 5000), "M": (60, 5000), "box": (25, 2000), "orang": (40, 1000),
    "paket": (2, 60), "unit": (4, 300), "set": (6, 500), "rim": (20, 1000), "kg": (50, 5000),
}  # fmt: skip


@dataclass(frozen=True)
class Category:
    """A category: share of GMV, chances of each product type, goods (name, subcat 1, subcat 2, unit), variants."""

    name: str
    of_gmv: float
    types: tuple[float, float, float]
    goods: tuple[tuple[str, str, str, str], ...]
    variants: tuple[str, ...]


# Konveksi & Laundry on top, as published; the other shares are plausible. Names with commas and inch
# marks stay in: exports have them, and they must come through quoting.
CATEGORIES = (
    Category("Konveksi & Laundry", 0.31, (0.93, 0.02, 0.05), (
        ("Seragam Kerja Lengan Panjang", "Jasa Konveksi & Laundry", "Seragam", "pcs"),
        ("Seragam Cleaning Service", "Jasa Konveksi & Laundry", "Bordir", "pack"),
        ("Kaos Polo Bordir Logo", "Jasa Konveksi & Laundry", "Bordir", "pcs"),
        ("Rompi Safety Proyek", "Jasa Konveksi & Laundry", "Rompi", "pcs"),
        ("Kemeja PDH", "Jasa Konveksi & Laundry", "Seragam", "pcs"),
        ("Bahan Kain Drill American", "Bahan Tekstil", "Kain", "meter"),
        ("Laundry Linen", "Jasa Konveksi & Laundry", "Laundry", "kg"),
        ("Jaket Bomber Kantor", "Jasa Konveksi & Laundry", "0", "pcs")),
        ("", " Custom Logo", " Premium", " (S, M, L, XL)", " Unisex", " Kombinasi")),
    Category("Pertukangan", 0.17, (0.94, 0.01, 0.05), (
        ("Besi Beton Ulir 13 mm", "Material Bangunan", "Besi", "pcs"),
        ("Kawat Ayam (per meter)", "Material Bangunan", "Besi", "meter"),
        ('Pipa PVC 3" AW', "Material Bangunan", "Pipa", "pcs"),
        ("Cat Tembok 20 kg", "Cat & Pelapis", "0", "pcs"),
        ("Semen Portland 50 kg", "Material Bangunan", "Semen", "pcs"),
        ('Kran Air 1/2"', "Perkakas", "Sanitasi", "pcs"),
        ("Mesin Bor Listrik", "Perkakas", "0", "unit"),
        ("Baja Ringan C75", "Material Bangunan", "Atap", "M")),
        ("", " SNI", " Grosir", " Proyek", ", termasuk ongkos angkut", " Grade A")),
    Category("Elektronik", 0.11, (0.96, 0.00, 0.04), (
        ("Laptop 14 inci Core i5", "Komputer", "Laptop", "unit"),
        ('Monitor LED 24"', "Komputer", "Monitor", "unit"),
        ("Printer Multifungsi", "Komputer", "Printer", "unit"),
        ("AC Split 1,5 PK", "Pendingin", "AC", "unit"),
        ("Kamera CCTV 5 MP", "Keamanan", "CCTV", "set"),
        ("UPS 1200 VA", "Komputer", "0", "unit"),
        ("Proyektor 4000 Lumens", "Audio Visual", "Proyektor", "unit")),
        ("", " Garansi Resmi", " Bundling", " TKDN", " + Instalasi", " Refurbished")),
    Category("Jasa Perawatan Gedung", 0.10, (0.00, 0.82, 0.18), (
        ("Pengecatan Rumah Pompa Air Laut", "NaN", "0", "paket"),
        ("Cleaning Service Bulanan", "Kebersihan", "0", "orang"),
        ("Perawatan AC Gedung", "Mekanikal", "AC", "paket"),
        ("Perbaikan Atap Bocor", "Sipil", "Atap", "paket"),
        ("Pest Control Kantor", "Kebersihan", "Fumigasi", "paket"),
        ("Pemeliharaan Genset", "Mekanikal", "Genset", "paket"),
        ("Pembersihan Kaca Gedung", "Kebersihan", "Kaca", "M")),
        ("", " Tahunan", " Lantai 1-5", " (termasuk material)", " Darurat", " Area Pelabuhan")),
    Category("Jasa Event Organizer", 0.08, (0.00, 0.86, 0.14), (
        ("EO Sosialisasi Program", "Corporate Gathering", "Sosialisasi", "paket"),
        ("Corporate Gathering Karyawan", "Corporate Gathering", "0", "orang"),
        ("Sewa Tenda dan Kursi", "Perlengkapan Acara", "Tenda", "set"),
        ("Dokumentasi Foto dan Video", "Dokumentasi", "0", "paket"),
        ("Sewa Sound System", "Perlengkapan Acara", "Audio", "paket"),
        ("Booth Pameran", "Perlengkapan Acara", "Pameran", "paket"),
        ("Pelatihan K3", "Pelatihan", "0", "orang")),
        ("", " 1 Hari", " 2 Hari, 1 Malam", " Luar Kota", " Hybrid", " Skala Nasional")),
    Category("Office & Stationery", 0.085, (0.98, 0.00, 0.02), (
        ("Kertas A4 80 gsm", "Kertas", "HVS", "rim"),
        ("Tinta Printer Hitam", "Tinta & Toner", "Tinta", "pcs"),
        ("Map Arsip Ordner", "Arsip", "0", "pcs"),
        ("Pulpen Gel 0,5 mm", "Alat Tulis", "Pulpen", "box"),
        ("Buku Agenda Perusahaan", "Cetakan", "Agenda", "pcs"),
        ("Amplop Kop Perusahaan", "Cetakan", "0", "pack"),
        ("Kursi Kantor Ergonomis", "Mebel", "Kursi", "unit")),
        ("", " isi 12", " Grosir", " Cetak Nama", " Warna", " Ekonomis")),
    Category("Makanan & Minuman", 0.075, (0.95, 0.00, 0.05), (
        ("Nasi Box Paket A7", "Jasa Boga / Katering", "0", "box"),
        ("Snack Box Rapat", "Jasa Boga / Katering", "Snack", "box"),
        ("Prasmanan Nusantara", "Jasa Boga / Katering", "Prasmanan", "orang"),
        ("Kopi Bubuk Gayo", "Minuman", "Kopi", "pack"),
        ("Air Mineral Gelas 240 ml", "Minuman", "Air Mineral", "box"),
        ("Keripik Singkong Balado", "Makanan Ringan", "Keripik", "pack"),
        ("Tumpeng Mini", "Jasa Boga / Katering", "0", "pcs")),
        ("", " + Buah", ", isi 5 macam", " Halal", " Hampers", " Kemasan Daur Ulang")),
    Category("Kesehatan & Kebersihan", 0.04, (0.99, 0.00, 0.01), (
        ("Masker Medis 3 Ply", "Alat Kesehatan", "Masker", "box"),
        ("Hand Sanitizer 5 Liter", "Kebersihan", "0", "pcs"),
        ("Sabun Cuci Tangan", "Kebersihan", "Sabun", "pcs"),
        ("Kotak P3K", "Alat Kesehatan", "P3K", "set"),
        ("Tisu Gulung", "Kebersihan", "Tisu", "pack")),
        ("", " Non Parfum", " isi 50", " Kantor", " Grosir", " Refill")),
    Category("Furnitur & Dekorasi", 0.03, (0.95, 0.01, 0.04), (
        ("Meja Kerja 120 cm", "Mebel", "Meja", "unit"),
        ("Lemari Arsip Besi", "Mebel", "Lemari", "unit"),
        ("Sofa Tamu 3 Dudukan", "Mebel", "Sofa", "set"),
        ("Gorden Kantor", "Dekorasi", "Gorden", "M"),
        ("Plakat Akrilik", "Dekorasi", "0", "pcs")),
        ("", " Jati", " Minimalis", " Custom Ukuran", " Putih", " Hitam")),
)  # fmt: skip

# One row per name on sale: (category, name, subcat 1, subcat 2, unit).
NAMES = tuple(
    (c, name + variant, first, second, unit)
    for c, category in enumerate(CATEGORIES)
    for variant in category.variants
    for name, first, second, unit in category.goods
)
_SIZE = np.bincount([row[0] for row in NAMES])
_FIRST = starts(_SIZE)
UNIT_NAMES = tuple(UNITS)
UNIT_OF_NAME = np.array([UNIT_NAMES.index(row[4]) for row in NAMES])
USUAL, MOST = (np.array([UNITS[unit][i] for unit in UNIT_NAMES]) for i in (0, 1))

MOST_PRODUCTS = 24
MAIN_CATEGORY = 0.85
# Most orders have few lines, some are long lists; together about 2 lines per order.
LINES_PER_ORDER = 2.0
FEW_LINES, LONG_LIST, LONG_LISTS = 1.82, 9.0, 0.035
MOST_LINES = 20
LEAST_PER_LINE = 2_000


@dataclass(frozen=True)
class Catalogue:
    """One entry per product, seller after seller; `name` is a row of NAMES."""

    seller: Ints
    name: Ints
    price: Ints
    first: Ints
    size: Ints


def make_catalogue(category: Ints, order_value: Floats, rng: Rng) -> Catalogue:
    """Each seller's products: most from its own category, priced so that usual quantities make usual orders.

    A seller has no name twice, so that no two lines of an order can be equal in full.
    """
    sellers = len(category)
    size = np.minimum(3 + rng.geometric(0.13, sellers), MOST_PRODUCTS)
    seller = np.repeat(np.arange(sellers), size)
    second = rng.integers(0, len(CATEGORIES), sellers)
    own = rng.random(len(seller)) < MAIN_CATEGORY
    chosen = np.where(own, category[seller], second[seller])
    name = _FIRST[chosen] + (rng.integers(0, 1000, sellers)[seller] + within(size)) % _SIZE[chosen]
    usual = order_value[seller] / LINES_PER_ORDER / USUAL[UNIT_OF_NAME[name]]
    price = np.maximum(np.rint(usual * lognormal(rng, 0.5, len(seller)) / 100).astype(np.int64) * 100, 500)
    return Catalogue(seller, name, price, starts(size), size)


@dataclass(frozen=True)
class Lines:
    """One entry per order line, order after order; money in rupiah."""

    order: Ints
    product: Ints
    quantity: Ints
    price: Ints
    subtotal: Ints


def round_price(price: Ints) -> Ints:
    """Prices as people set them: the larger, the rounder."""
    step = np.select([price >= 2_000_000, price >= 20_000, price >= 2_000], [1000, 50, 5], 1)
    return np.maximum(price // step * step, 1)


def draw_line_counts(seller: Ints, amounts: Ints, catalogue: Catalogue, rng: Rng) -> Ints:
    """Lines per order: 1 to 20, about 2 on average, never more than the seller has products."""
    most = np.minimum(np.minimum(catalogue.size[seller], MOST_LINES), np.maximum(amounts // LEAST_PER_LINE, 1))
    mean = np.where(rng.random(len(seller)) < LONG_LISTS, LONG_LIST, FEW_LINES)
    return np.minimum(rng.geometric(1 / mean), most)


def price_lines(catalogue: Catalogue, product: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Quantity and price that make about the wanted subtotal; the price is a negotiated one near the catalogue's."""
    quantity = np.rint(coarse(wanted / catalogue.price[product])).astype(np.int64)
    quantity = np.clip(quantity, 1, MOST[UNIT_OF_NAME[catalogue.name[product]]])
    return quantity, round_price(wanted // quantity)
