//! Hosts by number.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A host, by its place in the world.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
pub struct HostId(pub u16);

/// A host and a port.
pub(crate) type Address = (HostId, u16);

/// Where everybody is at first.
pub(crate) const PORT: u16 = 4_433;

impl HostId {
    /// Its address behind this port, from the range for documentation (RFC 3849).
    #[must_use]
    pub const fn address(self, port: u16) -> SocketAddr {
        SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, self.0)), port)
    }

    /// The host at an address of this world.
    pub(crate) fn at(address: SocketAddr) -> Self {
        match address.ip() {
            IpAddr::V6(address) => Self(address.segments()[7]),
            IpAddr::V4(_) => Self(u16::MAX),
        }
    }
}
