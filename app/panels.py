"""Parts of Explore and the Beta lab that an address may leave out, for use in class."""

PANELS = {  # what `hide` may leave out, by its name in the address and on the page
    "run": "Run and its figures",
    "share": "Share and download",
    "tools": "Tools above the map",
    "legend": "Classes",
    "near": "Nearest examples",
    "selection": "Selected example",
    "sliders": "Sliders",
    "draw": "Drawing",
    "compare": "Compare",
    "maps": "Kinds of map",
    "sheet": "Traversal sheet",
    "strips": "Pictures behind sliders",
    "dial": "Dial of β",
    "plane": "Rate and distortion",
    "strip": "Examples drawn again",
    "words": "In words",
    "bars": "Nats of each dimension",
    "prior": "Codes and prior",
    "elsewhere": "β elsewhere",
}
LAB = ("dial", "plane", "strip", "words", "bars", "prior", "elsewhere")  # those that need a dial
