import type { RuleDefinition } from '../rule-definition.ts';

/** Certificates and TLS: codes of OpenSSL as Node shows them. */
export const tlsErrors: readonly RuleDefinition[] = [
  {
    id: 'tls/self-signed',
    match: [
      { code: ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'] },
      { message: 'self[- ]signed certificate' },
    ],
    category: 'configuration',
    rootCause:
      'The other side shows a certificate that was signed by itself or by a private authority, which Node does not trust.',
    suggestedFix:
      'Make the authority known: NODE_EXTRA_CA_CERTS=/path/ca.pem (or the option ca). Do not switch verification off.',
    confidence: 92,
    nextSteps: ['Behind a company proxy it is the proxy’s certificate: get its root certificate.'],
  },
  {
    id: 'tls/unverifiable',
    match: [
      {
        code: [
          'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
          'UNABLE_TO_GET_ISSUER_CERT',
          'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        ],
      },
      { message: 'unable to verify the first certificate|unable to get (?:local )?issuer certificate' },
    ],
    category: 'configuration',
    rootCause:
      'The certificate’s chain cannot be completed: the server leaves out its intermediate certificate, or the authority is private.',
    suggestedFix:
      'Let the server send its full chain (fullchain.pem); for a private authority set NODE_EXTRA_CA_CERTS=/path/ca.pem.',
    confidence: 90,
    nextSteps: ['openssl s_client -connect <host>:443 -showcerts shows what the server sends.'],
  },
  {
    id: 'tls/expired',
    match: [{ code: 'CERT_HAS_EXPIRED' }, { message: 'certificate has expired' }],
    category: 'configuration',
    rootCause: 'The certificate of the other side has expired (or this machine’s clock is wrong).',
    suggestedFix: 'Renew the certificate there and reload the server; check the clock here with date -u.',
    confidence: 93,
  },
  {
    id: 'tls/not-yet-valid',
    match: [{ code: 'CERT_NOT_YET_VALID' }, { message: 'certificate is not yet valid' }],
    category: 'configuration',
    rootCause: 'The certificate of the other side is not valid yet: usually this machine’s clock is behind.',
    suggestedFix: 'Set the clock (NTP).',
    confidence: 90,
  },
  {
    id: 'tls/host-mismatch',
    match: [
      {
        message:
          "does not match certificate's altnames: (?:Host: |IP: )(?<host>\\S{1,253}?)\\.? is not (?:in the cert's altnames: |cert's CN: |in the cert's list:)(?<names>[^]{0,120})",
      },
      { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    ],
    category: 'configuration',
    rootCause: 'The certificate is not for "{host|the host that was asked}": it names {names|others}.',
    suggestedFix:
      'Ask the service by a name that stands in its certificate, or have that name added; over a tunnel or by IP, set servername.',
    confidence: 92,
  },
  {
    id: 'tls/wrong-version',
    match: { message: 'wrong version number|http request|packet length too long|WRONG_VERSION_NUMBER' },
    category: 'configuration',
    rootCause: 'TLS was spoken to a port that answers without TLS (or another protocol).',
    suggestedFix:
      'Use http:// (or switch TLS off for this connection), or the port that speaks TLS; for SMTP on 587 use STARTTLS (secure: false).',
    confidence: 88,
  },
  {
    id: 'tls/handshake',
    match: [
      { message: 'Client network socket disconnected before secure TLS connection was established' },
      { message: 'handshake failure|alert (?:number \\d{1,3}|protocol version)|unsupported protocol' },
      { code: 'EPROTO' },
    ],
    category: 'network',
    rootCause:
      'The TLS handshake failed: the other side (or a proxy) closed it, or both know no common version or cipher, or it wants a client certificate.',
    suggestedFix:
      'Try openssl s_client -connect <host>:<port> from the same machine; compare TLS versions, SNI name and whether a client certificate is asked for.',
    confidence: 68,
  },
  {
    id: 'tls/openssl-unsupported',
    match: [
      { code: ['ERR_OSSL_EVP_UNSUPPORTED', 'ERR_OSSL_UNSUPPORTED'] },
      { message: 'digital envelope routines::unsupported' },
    ],
    category: 'dependency',
    rootCause:
      'Code uses an algorithm that OpenSSL 3 (Node 17 and later) no longer offers: old webpack’s md4, or a key file in an old encryption.',
    suggestedFix:
      'Update webpack (5.61 or later) or convert the key (openssl pkcs8 -topk8); NODE_OPTIONS=--openssl-legacy-provider helps for the time being.',
    confidence: 85,
  },
  {
    id: 'tls/key-file',
    match: {
      message:
        'PEM routines:[^]{0,40}no start line|DECODER routines::unsupported|asn1 encoding routines|key values mismatch',
    },
    category: 'configuration',
    rootCause:
      'A key or certificate could not be read: it is not PEM, has lost its line breaks (in an environment variable), or key and certificate do not belong together.',
    suggestedFix:
      'Restore line breaks (value.replaceAll("\\\\n", "\\n")) or mount the file; compare the public keys of both with openssl.',
    confidence: 80,
  },
];
