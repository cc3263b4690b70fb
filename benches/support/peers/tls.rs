//! rustls: TLS 1.3, mutual, with certificates that are pinned: each side compares the peer's self-signed Ed25519 certificate
//! with the one that it expects, and rustls checks the signature over the handshake. X25519 and ChaCha20-Poly1305 alone, no
//! tickets, no resumption: what Countersign does, in TLS.

use crate::rounds::Contestant;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConnection, Resumption};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ServerConnection};
use rustls::{
    CertificateError, CipherSuite, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, NamedGroup,
    ServerConfig, SignatureScheme, version,
};
use std::sync::Arc;

pub(super) fn peers() -> Vec<Contestant> {
    let graviola = Some(()).filter(|()| countersign::Backend::fast().is_some());
    let graviola = graviola.map(|()| ("rustls, graviola", rustls_graviola::default_provider()));
    let others = [
        ("rustls, ring", rustls::crypto::ring::default_provider()),
        ("rustls, aws-lc-rs", rustls::crypto::aws_lc_rs::default_provider()),
    ];
    others.into_iter().chain(graviola).map(|(name, provider)| contestant(name, provider)).collect()
}

fn contestant(name: &str, provider: CryptoProvider) -> Contestant {
    let provider = Arc::new(narrowed(provider));
    let (device, server) = (Credentials::new("ada"), Credentials::new("vault"));
    let algorithms = provider.signature_verification_algorithms;
    let pinned = |peer: &Credentials| Arc::new(Pinned { expected: peer.certificate.clone(), algorithms });

    let mut client = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&version::TLS13])
        .expect("the suite is of TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(pinned(&server))
        .with_client_auth_cert(vec![device.certificate.clone()], device.key.clone_key())
        .expect("a key and its certificate");
    client.resumption = Resumption::disabled();
    let mut servers = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .expect("the suite is of TLS 1.3")
        .with_client_cert_verifier(pinned(&device))
        .with_single_cert(vec![server.certificate], server.key)
        .expect("a key and its certificate");
    servers.session_storage = Arc::new(NoServerSessionStorage {});
    servers.send_tls13_tickets = 0;
    let (client, servers) = (Arc::new(client), Arc::new(servers));
    Contestant::new(name, move || handshake(&client, &servers))
}

/// One suite, one group.
fn narrowed(mut provider: CryptoProvider) -> CryptoProvider {
    provider.cipher_suites.retain(|suite| suite.suite() == CipherSuite::TLS13_CHACHA20_POLY1305_SHA256);
    provider.kx_groups.retain(|group| group.name() == NamedGroup::X25519);
    provider
}

struct Credentials {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Credentials {
    fn new(name: &str) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key pair");
        let certificate = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = certificate.self_signed(&pair).expect("a certificate").der().clone();
        Self { certificate, key: PrivatePkcs8KeyDer::from(pair.serialize_der()).into() }
    }
}

fn handshake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> (ClientConnection, ServerConnection) {
    let name = ServerName::try_from("vault").expect("a name");
    let mut client = ClientConnection::new(client.clone(), name).expect("a whole configuration");
    let mut server = ServerConnection::new(server.clone()).expect("a whole configuration");
    let mut wire = Vec::with_capacity(2048);
    while client.is_handshaking() || server.is_handshaking() {
        while client.wants_write() {
            client.write_tls(&mut wire).expect("memory takes all");
        }
        let mut unread = wire.as_slice();
        while !unread.is_empty() {
            server.read_tls(&mut unread).expect("memory gives all");
        }
        server.process_new_packets().expect("a genuine flight");
        wire.clear();
        while server.wants_write() {
            server.write_tls(&mut wire).expect("memory takes all");
        }
        let mut unread = wire.as_slice();
        while !unread.is_empty() {
            client.read_tls(&mut unread).expect("memory gives all");
        }
        client.process_new_packets().expect("a genuine flight");
        wire.clear();
    }
    (client, server)
}

/// Takes one certificate, and no other.
#[derive(Debug)]
struct Pinned {
    expected: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pinned {
    fn is_expected(&self, shown: &CertificateDer<'_>) -> Result<(), Error> {
        let is_it = *shown == self.expected;
        is_it.then_some(()).ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }

    fn verify(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, shown, signed, &self.algorithms)
    }
}

const NO_TLS12: Error = Error::General(String::new());

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.is_expected(shown).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(NO_TLS12)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.is_expected(shown).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(NO_TLS12)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}
