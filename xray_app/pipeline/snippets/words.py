"""What a library does otherwise than a contract says, behind the library's name."""

AS_BYTES = (
    "resizes bytes with Pillow, which rounds to whole bytes along each axis: values differ by up "
    "to a gray level or two."
)
AS_FLOATS = (
    "resizes floats, where the contract rounds bytes along each axis as Pillow does: values differ "
    "by up to a gray level or two."
)
WIDENED = (
    "widens the kernel with the reduction (antialiasing), and the contract does not: a large image "
    "comes out smoother."
)
LATER = "may begin the crop one pixel later where the margin is odd."
EARLIER = "may begin the crop one pixel earlier where the margin is odd."
