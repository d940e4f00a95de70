"""Figures in the shape of the published ones, and names that nobody would wish for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

GMV, REVENUE, ORDERS = Decimal("27540670420148.00"), Decimal("122766236154.00"), 325_074
AS_OF = date(2023, 8, 23)

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "formula": "=cmd|' /C calc'!A0",
    "mathtext": "$x_$ and $y^{",
    "quotes": "\"double\" 'single' <b>& \\",
    "long": "ten kilobytes " * 700,
    "right_to_left": "\u202eمتجر الجملة\u202c abc",
    "newline": "two\r\nlines\tand\x00\x1b[31m control",
    "braces": "{0} {segment} {{ 7*7 }} %s",
}

PROVINCES = {
    "DKI Jakarta": (0.41, 0.40), "Jawa Barat": (0.118, 0.122), "Jawa Timur": (0.094, 0.101),
    "Kalimantan Timur": (0.062, 0.058), "Sumatera Utara": (0.055, 0.06), "Jawa Tengah": (0.048, 0.049),
    "Banten": (0.041, 0.039), "Sulawesi Selatan": (0.031, 0.034), "Riau": (0.022, 0.02),
    "Bali": (0.018, 0.021),
    "Sumatera Selatan": (0.017, 0.016), "Daerah Istimewa Yogyakarta": (0.014, 0.013), "Aceh": (0.009, 0.008),
    "Papua": (0.006, 0.005), None: (0.055, 0.054),
}  # fmt: skip
CATEGORIES = {
    "Konveksi & Laundry": (0.26, 0.24), "Pertukangan": (0.17, 0.16), "Jasa Perawatan Gedung": (0.13, 0.15),
    "Jasa Event Organizer": (0.11, 0.13), "Makanan & Minuman": (0.1, 0.14),
    "Office & Stationery": (0.12, 0.08),
    "Elektronik": (0.11, 0.1),
}  # fmt: skip
OTHERS = {
    "product_type": {"barang": (0.74, 0.71), "jasa": (0.22, 0.24), "Barang & Jasa": (0.04, 0.05)},
    "seller_category": {
        "Mikro": (0.31, 0.33),
        "Kecil": (0.42, 0.41),
        "Menengah": (0.21, 0.2),
        "Besar": (0.06, 0.06),
    },
    "payment_type": {"prepaid": (0.38, 0.41), "postpaid": (0.62, 0.59)},
}
MONTHS = (0.05, 0.04, 0.07, 0.08, 0.06, 0.09, 0.1, 0.14, 0.09, 0.1, 0.11, 0.07)

RULES = (
    "recency_days < 43.5 AND count_orders >= 56",
    "(recency_days >= 43.5 AND avg_order_value >= 1200000) OR count_orders >= 90",
    "avg_order_value < 1200000",
)
STRATEGY = [("channel", "WhatsApp"), ("message", "What you ordered last, in one tap")]
BUYERS = {
    "names": ("High-Spending Regulars", "Moderate-Spending Dormant Buyers", "Low-Spending Sporadic Buyers"),
    "sizes": (1_412, 5_209, 7_688), "gmv": (0.858, 0.141, 0.001), "revenue": (0.84, 0.155, 0.005),
    "features": {
        "count_orders": (170.63, 13.22, 5.09), "avg_order_value": (18_840_121.0, 16_764_295.0, 216_786.0),
        "voucher_value": (16.89, 0.0, 233_971.0), "recency_days": (11.96, 160.91, 196.22),
        "total_gmv": (3_214_689_000.0, 221_624_000.0, 1_103_440.0), "cancel_rate": (0.04, 0.11, 0.19),
    },
    "insights": (
        "They order 170.6 times each, against 22.7 for all buyers, and last did 12 days ago.",
        "Their orders are as large as the regulars' (Rp 16.8 M), but the last was 161 days ago.",
        "Small orders (Rp 216.8 K), most with a voucher, and 196 days of silence.",
    ),
    "advice": (
        "Keep them with a loyalty programme and a named contact: 1,412 buyers carry 85.8% of GMV.",
        "Bring them back with an offer on what they bought last, before the next budget year.",
        "Try one reactivation campaign with vouchers that ask for a second order.",
    ),
}  # fmt: skip
SELLERS = {
    "names": (
        "High-Volume Established Sellers", "Niche Low-Volume Sellers",
        "High-Potential Voucher-Dependent Sellers",
    ),
    "sizes": (986, 6_144, 1_030), "gmv": (0.735, 0.258, 0.007), "revenue": (None, None, None),
    "features": {
        "count_orders": (248.66, 10.67, 70.72), "avg_order_value": (52_172_932.0, 73_988_206.0, 1_134_343.0),
        "unique_buyers": (7.07, 1.66, 18.5), "total_vouchers": (58.5, 0.0, 1_515_993.0),
        "recency_days": (10.12, 155.78, 140.2), "top_buyer_share": (0.46, 0.91, 0.22),
    },
    "insights": (
        "248.7 orders each and active within 10 days.", "One large order for one or two buyers.",
        "18.5 buyers each, held by vouchers.",
    ),
    "advice": (
        "Keep the backbone: fast support and room in tailored promotions.",
        "Help them to a second buyer: 91.0% of their GMV hangs on one.",
        "Shift vouchers from price to repeat orders, and watch whether orders stay.",
    ),
}  # fmt: skip
