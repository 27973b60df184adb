// SPDX-License-Identifier: Apache-2.0
// What goes wrong: the registry refuses, or there is no answer at all.

/** What the registry refused (RFC 9457). */
export class RegistryError extends Error {
	constructor(status, problem, retryAfterS) {
		super(`the registry answered ${status} ${problem.code ?? ''}: ${problem.detail ?? ''}`);
		this.name = 'RegistryError';
		this.status = status;
		this.code = problem.code ?? null;
		this.detail = problem.detail ?? null;
		this.errors = problem.errors ?? [];
		this.requestId = problem.request_id ?? null;
		this.retryAfterS = retryAfterS;
	}
}

const TRUST = 'its certificate is not trusted here; in Node, NODE_EXTRA_CA_CERTS=FILE names more ' +
	'authorities (of attestel-registry --dev DIR: DIR/ca.pem)';

// What to do, by the code of Node's error.
const REMEDIES = {
	ECONNREFUSED: 'nothing listens there: is the registry running, and are host and port right?',
	ENOTFOUND: 'that host is not known: is it written rightly?',
	EAI_AGAIN: 'the name of the host could not be looked up: is there a network?',
	ENETUNREACH: 'there is no way to that address: is there a network?',
	EHOSTUNREACH: 'there is no way to that address: is there a network?',
	ECONNRESET: 'the connection was closed: does the URL begin with http:// where it needs https://?',
	UND_ERR_SOCKET: 'the connection was closed: does the URL begin with http:// where it needs ' +
		'https://?',
	ERR_SSL_WRONG_VERSION_NUMBER: 'that port does not speak TLS: the URL begins with http://',
	ERR_SSL_PACKET_LENGTH_TOO_LONG: 'that port does not speak TLS: the URL begins with http://',
	ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another host: ask under the name it has',
	CERT_HAS_EXPIRED: 'its certificate has expired, or the clock here is wrong',
	DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
	SELF_SIGNED_CERT_IN_CHAIN: TRUST,
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
};
// A browser tells a page nothing.
const UNKNOWN = 'is the registry running, and is the URL right? A browser says more in its ' +
	'console: an https page may not ask an http URL, and a certificate must be trusted';

/** No answer: which URL was asked, code (null when the runtime gives none), cause. */
export class ConnectionError extends Error {
	constructor(url, cause, timeoutMs) {
		const late = cause?.name === 'TimeoutError';
		const inner = cause?.cause ?? cause;
		const why = late ? `nothing in ${timeoutMs} ms` :
			String(inner?.message || inner?.code || cause).split('\n', 1)[0];
		const code = late ? 'TIMEOUT' : inner?.code ?? null;
		const remedy = late ? 'timeoutMs gives it longer' : REMEDIES[code] ?? UNKNOWN;
		super(`no answer from ${url}: ${why}; ${remedy}`, { cause });
		this.name = 'ConnectionError';
		this.url = url;
		this.code = typeof code === 'string' ? code : null;
	}
}
