// SPDX-License-Identifier: Apache-2.0
// Types of @attestel/caller-id; docs/api/openapi.yaml has the same shapes.

export interface RegistryOptions {
	/** An API key or a token; without it only private look-ups can be made. */
	key?: string;
	/** Of one try of a request, in milliseconds; default 5000. */
	timeoutMs?: number;
	/** How often a GET or POST is sent again; default 2. All tries of a POST have one key. */
	retries?: number;
	/** Instead of the global fetch(). */
	fetch?: typeof fetch;
}

export interface CallOptions {
	signal?: AbortSignal;
}

export interface Verification {
	verstat: 'TN-Validation-Passed' | 'TN-Validation-Failed' | 'No-TN-Validation';
	attest?: 'A' | 'B' | 'C';
	oob?: boolean;
	delegate?: boolean;
}

export interface Call {
	/** '+12155551212' or canonical digits; short codes and dial strings too. */
	from: string;
	to?: string;
	call_id?: string;
	/** Without it the call was not verified. */
	verification?: Verification;
	/** false leaves an announced call where it is. */
	consume?: boolean;
	budget_ms?: number;
}

export interface Found {
	number: string;
	verified: boolean;
	brand: { id: string; name: string; logo_url: string | null; logo_sha256: string | null } | null;
	reason: { code: string; text: string; lang: string; intent: string } | null;
	claimed: { name: string } | null;
	reputation: { label: string; score: number; low: number; high: number; evidence: unknown[] }
		| null;
	reasons: string[];
	receipt: string;
	partial: boolean;
	cache_s: number;
}

export interface PrivateFound {
	/** It has a name or a label, of its own or of a block it is in. */
	found: boolean;
	name: string | null;
	label: string;
	logoSha256: string | null;
	/** The name is shown only for calls that were announced. */
	strict: boolean;
}

export interface FollowOptions extends CallOptions {
	/** The id of the last event that was seen; default: from now on. */
	since?: string;
	/** The connection is dead after so long a silence; default 45000. */
	heartbeatMs?: number;
	onState?: (connected: boolean, why?: unknown) => void;
}

export interface RegistryEvent {
	/** Where to go on from; null with "reset". */
	id: string | null;
	/** "intent.matched", "directory.changed" ...; "reset": read anew what you keep. */
	kind: string;
	data: unknown;
}

export interface Intent {
	from: string;
	to: string;
	reason?: string;
	code?: string;
	text?: string;
	lang?: string;
	ttl_s?: number;
	not_before_s?: number;
}

export interface IntentState {
	id: string;
	state: string;
	brand: string;
	from: string;
	code: string;
	text: string;
	lang: string;
	mismatches: number;
	created_at: string;
	expires_at: string;
	matched_at: string | null;
}

export interface Report {
	id: string;
	label: string;
	provenance: 'verified' | 'claimed' | 'spoofed';
	state: string;
	created_at: string;
}

/** What the registry refused (RFC 9457). */
export class RegistryError extends Error {
	constructor(status: number, problem: object, retryAfterS: number);
	readonly status: number;
	/** docs/api/problems has a page on each. */
	readonly code: string | null;
	readonly detail: string | null;
	readonly errors: { pointer: string; code: string; detail: string }[];
	readonly requestId: string | null;
	readonly retryAfterS: number;
}

/** No answer came: the message says from which URL, why, and what to do. */
export class ConnectionError extends Error {
	constructor(url: string, cause: unknown, timeoutMs: number);
	readonly url: string;
	/** TIMEOUT, or that of Node: ECONNREFUSED, ENOTFOUND ...; null where the runtime gives none. */
	readonly code: string | null;
}

export class Registry {
	constructor(url: string, options?: RegistryOptions);
	lookUp(call: Call, options?: CallOptions): Promise<Found>;
	lookUpPrivate(number: string, options?: CallOptions): Promise<PrivateFound>;
	follow(options?: FollowOptions): AsyncGenerator<RegistryEvent, void, undefined>;
	report(receipt: string, label: string, options?: CallOptions): Promise<Report>;
	undoReport(id: string, options?: CallOptions): Promise<null>;
	announce(intent: Intent, options?: CallOptions): Promise<IntentState>;
	intent(id: string, options?: CallOptions): Promise<IntentState>;
	cancel(id: string, options?: CallOptions): Promise<null>;
	outcome(receipt: string, outcome: 'displayed' | 'screened' | 'answered', options?: CallOptions):
		Promise<null>;
}

/** The bucket that a number shares with a thousand others and more: four hex digits. */
export function bucketOf(number: string): Promise<string>;
/** What a bucket's bytes say of a number. */
export function findInBucket(bytes: Uint8Array, number: string): Promise<PrivateFound>;
