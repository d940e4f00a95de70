"""Where customers of online classes live: provinces, their towns, and the spellings that people use for them."""

from dataclasses import dataclass

import numpy as np

from sample.draw import Floats, Ints, Rng, apportion

LOCATIONS = 672
TOWN = ("", "Kota ", "Kab. ", "Kabupaten ")  # how a town is written

# Region group → customers of the published 2,822: 53.3 % elsewhere and 15.8 % in Jabodetabek as published, the
# provinces that come next in the published order with plausible numbers.
REGIONS = {
    "Lainnya": 1504, "Jabodetabek": 446, "Jawa Tengah": 260, "Jawa Timur": 243, "Kalimantan Timur": 144,
    "Jawa Barat": 124, "Sumatera Utara": 101,
}  # fmt: skip

# Towns by region group and province, the larger first.
TOWNS = {
    "Jabodetabek": {
        "DKI Jakarta": "Jakarta Selatan, Jakarta Timur, Jakarta Barat, Jakarta Utara, Jakarta Pusat",
        "Jawa Barat": "Bekasi, Depok, Bogor",
        "Banten": "Tangerang, Tangerang Selatan",
    },
    "Jawa Tengah": {
        "Jawa Tengah": "Semarang, Surakarta, Banyumas, Tegal, Pekalongan, Magelang, Salatiga, Cilacap, Kudus, Jepara, "
        "Pati, Klaten, Boyolali, Sukoharjo, Karanganyar, Wonogiri, Sragen, Grobogan, Blora, Rembang, Demak, Kendal, "
        "Batang, Pemalang, Brebes, Purbalingga, Banjarnegara, Kebumen, Purworejo, Wonosobo, Temanggung",
    },
    "Jawa Timur": {
        "Jawa Timur": "Surabaya, Malang, Sidoarjo, Gresik, Jember, Kediri, Madiun, Mojokerto, Pasuruan, Probolinggo, "
        "Blitar, Batu, Banyuwangi, Bondowoso, Situbondo, Lumajang, Tulungagung, Trenggalek, Ponorogo, Pacitan, "
        "Magetan, Ngawi, Bojonegoro, Tuban, Lamongan, Jombang, Nganjuk, Bangkalan, Sampang, Pamekasan, Sumenep",
    },
    "Kalimantan Timur": {
        "Kalimantan Timur": "Samarinda, Balikpapan, Bontang, Kutai Kartanegara, Kutai Timur, Berau, Paser",
    },
    "Jawa Barat": {
        "Jawa Barat": "Bandung, Cimahi, Karawang, Cirebon, Sukabumi, Tasikmalaya, Garut, Purwakarta, Subang, Cianjur, "
        "Sumedang, Indramayu, Majalengka, Kuningan, Ciamis, Banjar, Pangandaran, Bandung Barat",
    },
    "Sumatera Utara": {
        "Sumatera Utara": "Medan, Deli Serdang, Pematangsiantar, Binjai, Langkat, Karo, Asahan, Tebing Tinggi, "
        "Tanjungbalai, Sibolga, Padangsidimpuan, Labuhanbatu, Simalungun, Toba",
    },
    "Lainnya": {
        "DI Yogyakarta": "Sleman, Yogyakarta, Bantul, Kulon Progo, Gunungkidul",
        "Banten": "Serang, Cilegon, Lebak, Pandeglang",
        "Bali": "Denpasar, Badung, Gianyar, Buleleng, Tabanan, Karangasem, Klungkung, Jembrana, Bangli",
        "Sulawesi Selatan": "Makassar, Gowa, Maros, Parepare, Palopo, Bone, Bulukumba, Wajo, Takalar, Pinrang, Sinjai, "
        "Soppeng, Barru, Luwu",
        "Sumatera Selatan": "Palembang, Prabumulih, Lubuklinggau, Ogan Ilir, Muara Enim, Banyuasin, Lahat, Pagar Alam",
        "Sumatera Barat": "Padang, Bukittinggi, Payakumbuh, Agam, Pariaman, Solok, Tanah Datar, Pesisir Selatan, "
        "Sawahlunto, Pasaman",
        "Riau": "Pekanbaru, Dumai, Kampar, Bengkalis, Siak, Rokan Hilir, Pelalawan, Indragiri Hulu, Kuantan Singingi",
        "Kepulauan Riau": "Batam, Tanjungpinang, Karimun, Bintan, Natuna, Lingga",
        "Lampung": "Bandar Lampung, Metro, Lampung Selatan, Pringsewu, Tanggamus, Pesawaran, Lampung Tengah",
        "Jambi": "Jambi, Muaro Jambi, Bungo, Merangin, Sarolangun, Kerinci, Batanghari",
        "Bengkulu": "Bengkulu, Rejang Lebong, Seluma, Kaur, Mukomuko",
        "Aceh": "Banda Aceh, Lhokseumawe, Aceh Besar, Pidie, Langsa, Bireuen, Aceh Tengah, Sabang, Nagan Raya",
        "Kepulauan Bangka Belitung": "Pangkalpinang, Bangka, Belitung, Bangka Tengah",
        "Kalimantan Selatan": "Banjarmasin, Banjarbaru, Tanah Laut, Kotabaru, Tabalong, Tapin, Barito Kuala",
        "Kalimantan Barat": "Pontianak, Singkawang, Kubu Raya, Sambas, Ketapang, Sanggau, Sintang, Mempawah",
        "Kalimantan Tengah": "Palangka Raya, Kotawaringin Barat, Kapuas, Katingan, Barito Utara, Seruyan",
        "Kalimantan Utara": "Tarakan, Bulungan, Nunukan, Malinau",
        "Sulawesi Utara": "Manado, Bitung, Tomohon, Minahasa, Kotamobagu, Minahasa Utara",
        "Sulawesi Tengah": "Palu, Donggala, Poso, Banggai, Sigi, Parigi Moutong, Tolitoli, Morowali",
        "Sulawesi Tenggara": "Kendari, Baubau, Kolaka, Konawe, Muna, Wakatobi",
        "Sulawesi Barat": "Mamuju, Polewali Mandar, Majene, Mamasa",
        "Gorontalo": "Gorontalo, Bone Bolango, Boalemo, Pohuwato",
        "Nusa Tenggara Barat": "Mataram, Lombok Timur, Lombok Barat, Bima, Sumbawa, Dompu, Lombok Tengah",
        "Nusa Tenggara Timur": "Kupang, Ende, Sikka, Manggarai, Belu, Ngada, Alor, Sumba Timur, Flores Timur",
        "Maluku": "Ambon, Tual, Buru, Seram Bagian Barat, Maluku Tengah",
        "Maluku Utara": "Ternate, Tidore, Halmahera Utara, Halmahera Selatan",
        "Papua": "Jayapura, Biak Numfor, Keerom, Sarmi",
        "Papua Barat": "Manokwari, Fakfak, Kaimana, Teluk Bintuni",
        "Papua Barat Daya": "Sorong, Raja Ampat, Maybrat",
        "Papua Tengah": "Nabire, Mimika, Paniai",
        "Papua Selatan": "Merauke, Asmat, Boven Digoel",
    },
}


@dataclass(frozen=True)
class Place:
    """A town as one customer or many write it, its province and its region group."""

    city: str
    province: str
    region: str


def draw_places(customers: int, rng: Rng) -> list[Place]:
    """One place per customer: region groups by their shares, at most LOCATIONS different cities in all."""
    regions = apportion(np.array(list(REGIONS.values()), dtype=float), customers)
    known = {region: _places(region) for region in REGIONS}
    wanted = _locations(known, min(LOCATIONS, max(len(REGIONS), round(customers * LOCATIONS / sum(REGIONS.values())))))
    drawn: list[Place] = []
    for places, count, size in zip(known.values(), wanted, regions, strict=True):
        some = places[: min(count, size)]
        weights = 1.0 / (np.arange(len(some)) + 6)
        for place, people in zip(some, apportion(weights, int(size), least=1), strict=True):
            drawn += [place] * int(people)
    return [drawn[i] for i in rng.permutation(len(drawn))]


def _places(region: str) -> list[Place]:
    """Every spelling of every town of a region group: all towns plainly first, each province's largest foremost."""
    ranked = [
        (rank, town, province)
        for province, names in TOWNS[region].items()
        for rank, town in enumerate(names.split(", "))
    ]
    towns = [(town, province) for _, town, province in sorted(ranked, key=lambda place: place[0])]
    seen: dict[str, Place] = {}
    for prefix in TOWN:
        for town, province in towns:
            # Two provinces may have a town of one name: the first keeps it.
            seen.setdefault(prefix + town, Place(prefix + town, province, region))
    return list(seen.values())


def _locations(known: dict[str, list[Place]], total: int) -> Ints:
    """How many spellings each region group uses: by its customers, no more than there are."""
    rooms = np.array([len(places) for places in known.values()])
    shares: Floats = np.array(list(REGIONS.values()), dtype=float)
    counts = np.minimum(apportion(shares, total, least=1), rooms)
    while counts.sum() < total:  # what one region has no spellings for, others use
        free = np.where(counts < rooms, shares, 0.0)
        counts = np.minimum(counts + apportion(free, int(total - counts.sum())), rooms)
    return counts
