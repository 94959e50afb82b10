# SPDX-License-Identifier: Apache-2.0
"""Words that the million products are made of: believable, and the same on every run.

A frequent word stands in about 1 of 58 products (17,000 of a million). The rare food is in one
of 3,331 products, and just three of those have the rare flavor.
"""

FLAVORS = tuple(
    """almond apple apricot banana barley basil berry blueberry buttermilk caramel cardamom carrot
    cashew celery cherry chestnut chili chocolate cinnamon coconut coffee cranberry cucumber date
    dill fennel fig garlic ginger grape hazelnut hibiscus honey lavender lemon lime mango maple
    mint mushroom mustard oat onion orange paprika peach peanut pear pecan pepper pistachio plum
    pumpkin raspberry rosemary saffron sesame vanilla""".split()
)
FOODS = tuple(
    """bar bagel biscuit bites bread broth butter cake candy cereal cheese chips chowder cookies
    crackers cream crisps curry custard dip dressing drink filling flakes flour frosting granola
    gravy gum hummus jam juice kefir marinade meal milk mix muffin mustard noodles oil pancake
    pasta paste pie pilaf popcorn porridge pretzels pudding relish rice rolls salad salsa sauce
    seasoning shake sherbet smoothie snack soup spread stew stuffing syrup tea toast topping
    tortilla trail vinegar waffle water wrap yogurt""".split()
)
KINDS = tuple(
    """Classic Organic Crunchy Creamy Light Roasted Smoked Sweet Spicy Whole Toasted Fresh Frozen
    Baked Crispy Golden Homestyle Country Garden Premium Simple Salted Unsalted Wild Mild Fancy
    Thick Thin Rustic Tropical""".split()
)
MAKERS = tuple(
    """Alder Amber Anchor Ashford Aspen Banner Baywood Beacon Birch Bluebell Bramble Brook Cedar
    Clover Copper Cove Crescent Crown Daisy Dale Dawn Eagle Elm Ember Fair Falcon Fern Field Finch
    Fox Glen Grove Harbor Hazel Heron Hill Holly Iris Ivy Juniper Kettle Lake Larch Lark Linden
    Maple Meadow Mill Moss North Oak Orchard Otter Pine Prairie Quail Raven Reed Ridge River Robin
    Rowan Sage Sparrow Spring Stone Sunny Swan Thistle Timber Valley Willow Winter Wren""".split()
)
HOUSES = tuple(
    """& Sons|Bakery|Bros.|Company|Creamery|Dairy|Dry Goods|Family|Farms|Fields|Foods|Gardens|Goods
    |Harvest|Hearth|House|Kitchen|Larder|Market|Mills|Naturals|Organics|Pantry|Provisions|Ranch
    |Reserve|Select|Table|Trading|Works""".replace("\n    ", "").split("|")
)
SIZES = tuple(
    """4 oz|5.3 oz|6 oz|8 oz|10 oz|12 oz|14.5 oz|16 oz|18 oz|20 oz|24 oz|28 oz|32 oz|1 lb|2 lb|5 lb
    |6 ct|8 ct|12 ct|24 ct|1 l|1.5 l|2 l|64 fl oz""".replace("\n    ", "").split("|")
)
DEPARTMENTS = tuple(
    """Grocery|Produce|Dairy|Bakery|Deli|Meat|Seafood|Frozen|Bulk|Beverages|Beer|Wine|Cheese|Floral
    |Supplements|Body Care|Household|Baby|Pets|Prepared Foods|Coffee and Tea|Snacks|Books|Gifts
    |General""".replace("\n    ", "").split("|")
)
FREQUENT = (
    *("almond", "apricot", "cashew", "coconut"),
    *("hazelnut", "lavender", "pistachio", "raspberry"),
)
"""Flavors that are part of no other word: each in one of 58 products."""

RARE_FOOD = "halva"
RARE_FLAVOR = "cardamom"
RARE_PAIR = f"{RARE_FLAVOR} {RARE_FOOD}"
"""Together in three products, whatever the number of rows (from 20,000 on)."""
