//! The encodings that decide about weak keys and shares, compared as bytes.

/// Whether the y coordinate is below p = 2^255 - 19.
pub(super) fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = bytes;
    *low < 0xed || high & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}

pub(super) const fn without_top_bit(bytes: &[u8; 32]) -> [u8; 32] {
    let mut masked = *bytes;
    masked[31] &= 0x7f;
    masked
}

/// Parses 64 hexadecimal digits at compile time.
const fn hex(digits: &str) -> [u8; 32] {
    const fn digit(digit: u8) -> u8 {
        match digit {
            b'0'..=b'9' => digit.wrapping_sub(b'0'),
            b'a'..=b'f' => digit.wrapping_sub(b'a').wrapping_add(10),
            _ => panic!("not a hexadecimal digit"),
        }
    }
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    assert!(pairs.len() == 32 && rest.is_empty(), "32 bytes are 64 digits");
    let mut bytes = [0; 32];
    let mut at = 0;
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "checked by the compiler, in a constant"
    )]
    while at < 32 {
        bytes[at] = digit(pairs[at][0]) << 4 | digit(pairs[at][1]);
        at += 1;
    }
    bytes
}

/// The encodings of the eight points of small order on edwards25519.
pub(super) const SMALL_ORDER_EDWARDS: [[u8; 32]; 8] = [
    hex("0100000000000000000000000000000000000000000000000000000000000000"),
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("0000000000000000000000000000000000000000000000000000000000000000"),
    hex("0000000000000000000000000000000000000000000000000000000000000080"),
    hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
    hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
];

/// The encodings of x = 0 with the sign bit set, for y = 1 and y = -1, which the library decodes all the same.
pub(super) const NEGATIVE_ZERO_EDWARDS: [[u8; 32]; 2] = [
    hex("0100000000000000000000000000000000000000000000000000000000000080"),
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
];

/// The u coordinates of small order on curve25519 and its twist, with their encodings at or above p.
pub(super) const SMALL_ORDER_MONTGOMERY: [[u8; 32]; 7] = [
    hex("0000000000000000000000000000000000000000000000000000000000000000"),
    hex("0100000000000000000000000000000000000000000000000000000000000000"),
    hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
];
