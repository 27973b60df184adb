// SPDX-License-Identifier: Apache-2.0
// One registry, and what can be asked of it.
import { bucketOf, findInBucket, isKnownFormat } from './bucket.js';
import { ConnectionError, RegistryError } from './errors.js';
import { pause, readEvents } from './events.js';

const TIMEOUT_MS = 5000;
const RETRIES = 2;
const BACKOFF_MS = 100;
const HEARTBEAT_MS = 45000; // three beats
const PAUSE_MIN_MS = 1000;
const PAUSE_MAX_MS = 30000;

async function refusal(response) {
	const text = await response.text();
	const retryAfterS = Number(response.headers.get('Retry-After')) || 0;
	let problem = {};
	try {
		problem = JSON.parse(text) ?? {};
	} catch {
		// a proxy between us and the registry answered
	}
	return new RegistryError(response.status, problem, retryAfterS);
}

const mayHelp = (error) => !(error instanceof RegistryError) || error.status === 429 ||
	error.status === 503 || (error.status === 409 && error.code === 'in_progress');

const isFinal = (error) => error instanceof RegistryError && error.status < 500 &&
	error.status !== 429 && error.status !== 408;

/** An identifier is a part of a path, never another path. */
function part(id) {
	if (!/^[A-Za-z0-9_]+$/.test(id))
		throw new TypeError('an identifier has letters, digits and _');
	return id;
}

function baseOf(url) {
	if (!/^https?:\/\/[^/]/.test(url))
		throw new TypeError(`a registry's URL is as https://registry.example, not ${url}`);
	return new URL(url).href.replace(/\/$/, '');
}

export class Registry {
	#url;
	#key;
	#timeoutMs;
	#retries;
	#fetch;
	#about = null; // what buckets are like, once asked
	#bucket = null; // the last one: {prefix, etag, bytes}

	constructor(url, options = {}) {
		this.#url = baseOf(url);
		this.#key = options.key ?? null;
		this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
		this.#retries = options.retries ?? RETRIES;
		this.#fetch = options.fetch ?? ((...words) => fetch(...words));
	}

	// No answer is told with its URL and its reason: "fetch failed" helps nobody.
	async #ask(path, request, signal) {
		const url = this.#url + path;
		try {
			return await this.#fetch(url, { ...request, redirect: 'error', credentials: 'omit',
				cache: 'no-store' });
		} catch (error) {
			if (signal?.aborted)
				throw error;
			throw new ConnectionError(url, error, this.#timeoutMs);
		}
	}

	async #once(path, { method = 'GET', headers = {}, body, signal, open = false }) {
		const ended = AbortSignal.timeout(this.#timeoutMs);
		const stop = new AbortController();
		for (const one of [ended, signal])
			one?.addEventListener('abort', () => stop.abort(one.reason), { once: true });
		if (signal?.aborted)
			stop.abort(signal.reason);
		const sent = { ...headers };
		if (this.#key !== null && !open)
			sent.Authorization = `Bearer ${this.#key}`;
		if (body !== undefined)
			sent['Content-Type'] = 'application/json';
		const response = await this.#ask(path, { method, headers: sent, signal: stop.signal,
			body: body === undefined ? undefined : JSON.stringify(body) }, signal);
		if (!response.ok && response.status !== 304)
			throw await refusal(response);
		try {
			return { status: response.status, etag: response.headers.get('ETag'),
				bytes: new Uint8Array(await response.arrayBuffer()) };
		} catch (error) {
			throw signal?.aborted ? error :
				new ConnectionError(this.#url + path, error, this.#timeoutMs);
		}
	}

	// GET and POST are sent again, a POST with one Idempotency-Key, so that it is done once.
	async #send(path, request = {}) {
		const method = request.method ?? 'GET';
		const headers = { ...request.headers };
		if (method === 'POST')
			headers['Idempotency-Key'] = crypto.randomUUID();
		for (let i = 0; ; i++) {
			try {
				return await this.#once(path, { ...request, headers });
			} catch (error) {
				if (request.signal?.aborted || i >= this.#retries || method === 'DELETE' ||
					!mayHelp(error))
					throw error;
				const ms = Math.max(BACKOFF_MS * 2 ** i, (error.retryAfterS ?? 0) * 1000);
				if (ms > this.#timeoutMs)
					throw error;
				await pause(ms, request.signal);
			}
		}
	}

	async #json(path, request) {
		const { bytes } = await this.#send(path, request);
		return bytes.length > 0 ? JSON.parse(new TextDecoder().decode(bytes)) : null;
	}

	/** Who calls and why. */
	lookUp(call, options = {}) {
		const { verification = { verstat: 'No-TN-Validation' }, ...rest } = call;
		return this.#json('/v1/lookups', { method: 'POST', signal: options.signal,
			body: { ...rest, verification } });
	}

	/** What is public of a number; the registry learns its bucket only, and gets no key. */
	async lookUpPrivate(number, options = {}) {
		const prefix = await bucketOf(number);
		const { signal } = options;
		if (this.#about === null) {
			const { bytes } = await this.#send('/v1/buckets', { open: true, signal });
			const about = JSON.parse(new TextDecoder().decode(bytes));
			if (!isKnownFormat(about))
				throw new RangeError('the buckets of this registry are not known here');
			this.#about = about;
		}
		const kept = this.#bucket?.prefix === prefix ? this.#bucket : null;
		const answer = await this.#send(`/v1/buckets/${prefix}`, { open: true, signal,
			headers: kept?.etag ? { 'If-None-Match': kept.etag } : {} });
		if (answer.status !== 304)
			this.#bucket = { prefix, etag: answer.etag, bytes: answer.bytes };
		return findInBucket(this.#bucket.bytes, number);
	}

	/** Events as they come; goes on by itself after a lost connection, without a gap. */
	async *follow(options = {}) {
		const { signal, heartbeatMs = HEARTBEAT_MS, onState = () => {} } = options;
		let id = options.since ?? null, wait = 0;
		while (!signal?.aborted) {
			const stop = new AbortController();
			const onAbort = () => stop.abort(signal.reason);
			let timer, connected = false;
			const heard = () => {
				clearTimeout(timer);
				timer = setTimeout(() => stop.abort(new Error('silent')), heartbeatMs);
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			try {
				heard();
				const body = await this.#open(id, stop.signal);
				connected = true;
				wait = 0;
				onState(true);
				for await (const event of readEvents(body, heard)) {
					// what is before a reset is gone: its id would only bring another one
					id = event.kind === 'reset' ? null : event.id ?? id;
					yield { id: event.kind === 'reset' ? null : event.id, kind: event.kind,
						data: JSON.parse(event.data) };
				}
				onState(false, new Error('ended by the registry'));
			} catch (error) {
				if (signal?.aborted)
					return;
				if (isFinal(error))
					throw error;
				// what fetch() says of a connection that breaks is "terminated"
				onState(false, error instanceof TypeError ?
					new ConnectionError(`${this.#url}/v1/stream`, error, this.#timeoutMs) : error);
			} finally {
				clearTimeout(timer);
				signal?.removeEventListener('abort', onAbort);
				stop.abort();
			}
			wait = connected || wait === 0 ? PAUSE_MIN_MS : Math.min(wait * 2, PAUSE_MAX_MS);
			await pause(wait, signal).catch(() => {});
		}
	}

	async #open(id, signal) {
		const headers = { Accept: 'text/event-stream' };
		if (this.#key !== null)
			headers.Authorization = `Bearer ${this.#key}`;
		if (id !== null)
			headers['Last-Event-ID'] = String(id);
		const response = await this.#ask('/v1/stream', { headers, signal }, signal);
		if (!response.ok)
			throw await refusal(response);
		return response.body;
	}

	/** Reports a call with the receipt of its look-up. */
	report(receipt, label, options = {}) {
		return this.#json('/v1/reports', { method: 'POST', body: { receipt, label },
			signal: options.signal });
	}

	/** Takes a report back. */
	undoReport(id, options = {}) {
		return this.#json(`/v1/reports/${part(id)}`, { method: 'DELETE', signal: options.signal });
	}

	/** Announces one call. */
	announce(intent, options = {}) {
		return this.#json('/v1/intents', { method: 'POST', body: intent, signal: options.signal });
	}

	/** What became of an announced call. */
	intent(id, options = {}) {
		return this.#json(`/v1/intents/${part(id)}`, { signal: options.signal });
	}

	/** Takes an announcement back. */
	cancel(id, options = {}) {
		return this.#json(`/v1/intents/${part(id)}`, { method: 'DELETE', signal: options.signal });
	}

	/** Tells what came of a call that a look-up showed. */
	outcome(receipt, outcome, options = {}) {
		return this.#json('/v1/outcomes', { method: 'POST', body: { receipt, outcome },
			signal: options.signal });
	}
}
