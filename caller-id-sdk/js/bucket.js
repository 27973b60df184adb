// SPDX-License-Identifier: Apache-2.0
// Private look-ups: which bucket a number is in, and finding the number there.

const ENTRY = 192;
const TAG = 8;
const LOGO = 16;
const NAME = 48;
const NAME_MAX = ENTRY - NAME;
const USED = 1, BRAND = 2, HAS_LOGO = 4, STRICT = 8, HIDDEN = 16;
const SHARED_DIGITS = 3; // the last ones, which the bucket does not depend on
const BLOCKS = 4; // the number, and the blocks of 10, 100 and 1,000 it is in
// In the order of the reports' labels, GET /v1/reason-codes.
const LABELS = ['none', 'fraud', 'impersonation', 'robocall', 'telemarketing', 'political',
	'survey', 'debt', 'silent', 'nuisance', 'wanted'];

async function hash(word, text) {
	const bytes = new TextEncoder().encode(`${word}\0${text}`);
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function digitsOf(number) {
	const digits = String(number).replace(/^\+/, '');
	if (!/^[1-9][0-9]{6,14}$/.test(digits))
		throw new TypeError('a number is E.164, as in +12155551212');
	return digits;
}

/** The bucket that a number shares with a thousand others and more: four hex digits. */
export async function bucketOf(number) {
	const digits = digitsOf(number);
	return hex((await hash('attestel-bucket-1', digits.slice(0, -SHARED_DIGITS))).slice(0, 2));
}

export function isKnownFormat(about) {
	return about.bits === 16 && about.entry_bytes === ENTRY;
}

const startsWith = (bytes, at, tag) => tag.every((byte, i) => bytes[at + i] === byte);

function readEntry(bytes, at) {
	const flags = bytes[at + 8], label = bytes[at + 9];
	const length = Math.min(bytes[at + 10], NAME_MAX);
	const name = bytes.subarray(at + NAME, at + NAME + length);
	return {
		brand: (flags & BRAND) !== 0,
		hidden: (flags & HIDDEN) !== 0,
		name: new TextDecoder().decode(name),
		strict: (flags & STRICT) !== 0,
		logoSha256: flags & HAS_LOGO ? hex(bytes.subarray(at + LOGO, at + NAME)) : null,
		label: label === 255 ? 'spoofed' : LABELS[label] ?? 'none',
	};
}

/** What a bucket's bytes say of a number; narrower blocks go before wider ones. */
export async function findInBucket(bytes, number) {
	const digits = digitsOf(number);
	const found = { found: false, name: null, label: 'none', logoSha256: null, strict: false };
	let decided = false; // by the narrowest that has a brand or hides those of wider ones
	if (bytes.length === 0 || bytes.length % ENTRY !== 0)
		throw new RangeError('the bucket is cut');
	for (let i = 0; i < BLOCKS; i++) {
		const key = digits.slice(0, digits.length - i) + 'x'.repeat(i);
		const tag = Array.from((await hash('attestel-entry-1', key)).slice(0, TAG));
		for (let at = 0; at < bytes.length; at += ENTRY) {
			if (!(bytes[at + 8] & USED) || !startsWith(bytes, at, tag))
				continue;
			const entry = readEntry(bytes, at);
			if (found.label === 'none')
				found.label = entry.label;
			if (entry.brand && !decided)
				Object.assign(found, { name: entry.name, strict: entry.strict,
					logoSha256: entry.logoSha256 });
			decided ||= entry.brand || entry.hidden;
		}
	}
	// Of a number that shows nothing nobody learns more than of one that is not there.
	found.found = found.name !== null || found.label !== 'none';
	return found;
}
