// SPDX-License-Identifier: Apache-2.0
// Against a real registry: REGISTRY is its URL, KEYS a JSON file of {owner, carrier, app}.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, test } from 'node:test';

import * as all from '../index.js';
import { ConnectionError, Registry, RegistryError, bucketOf, findInBucket } from '../index.js';

const url = process.env.REGISTRY;
const keys = JSON.parse(readFileSync(process.env.KEYS, 'utf8'));
const CALLER = '+12155551212';
const PASSED = { verstat: 'TN-Validation-Passed', attest: 'A' };
const owner = new Registry(url, { key: keys.owner });
const carrier = new Registry(url, { key: keys.carrier });
let callee = 2155600000;
const nextCallee = () => `+1${callee++}`;
const announce = (to) => owner.announce({ from: CALLER, to, code: 'delivery', text: 'Flowers' });

/** A server of the test's own: handle(request, response, body). */
async function serve(handle) {
	const seen = [];
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (data) => { body += data; });
		request.on('end', () => {
			seen.push({ method: request.method, url: request.url, headers: request.headers, body });
			handle(response, seen.length, request);
		});
	});
	await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
	after(() => { server.closeAllConnections(); server.close(); });
	return { seen, url: `http://127.0.0.1:${server.address().port}` };
}

const problem = (response, status, code) => {
	response.writeHead(status, { 'Content-Type': 'application/problem+json' });
	response.end(JSON.stringify({ code, status, detail: 'D' }));
};

test('a verified look-up shows who and why', async () => {
	const to = nextCallee();
	const intent = await announce(to);
	const found = await carrier.lookUp({ from: CALLER, to, verification: PASSED });
	assert.equal(found.brand.name, 'Example Dental');
	assert.equal(found.reason.intent, intent.id);
	assert.equal((await owner.intent(intent.id)).state, 'matched');
	await carrier.outcome(found.receipt, 'answered');
	assert.equal((await owner.intent(intent.id)).state, 'answered');
});

test('a look-up without verification shows a claim only', async () => {
	const found = await carrier.lookUp({ from: CALLER });
	assert.equal(found.verified, false);
	assert.equal(found.brand, null);
	assert.equal(found.claimed.name, 'Example Dental');
});

test('a report is made with a receipt, and undone', async () => {
	const found = await carrier.lookUp({ from: CALLER, verification: PASSED });
	const report = await carrier.report(found.receipt, 'wanted');
	assert.equal(report.provenance, 'verified');
	assert.equal(await carrier.undoReport(report.id), null);
});

test('an announced call is taken back', async () => {
	const intent = await announce(nextCallee());
	assert.equal(await owner.cancel(intent.id), null);
	assert.equal((await owner.intent(intent.id)).state, 'cancelled');
});

test('a private look-up finds what is public', async () => {
	const open = new Registry(url);
	const deadline = Date.now() + 10000; // the buckets follow the directory within seconds
	let known = await open.lookUpPrivate(CALLER);
	while (!known.found && Date.now() < deadline)
		known = await open.lookUpPrivate(CALLER);
	assert.deepEqual({ ...known, logoSha256: null },
		{ found: true, name: 'Example Dental', label: 'none', logoSha256: null, strict: false });
	assert.equal((await open.lookUpPrivate('+12155559876')).found, false);
});

test('a number that is not shown does not show the block around it', async () => {
	const open = new Registry(url);
	assert.equal((await open.lookUpPrivate('+12155571251')).name, 'Example Dental');
	assert.deepEqual(await open.lookUpPrivate('+12155571250'),
		{ found: false, name: null, label: 'none', logoSha256: null, strict: false });
});

test('a short code that calls is looked up, and has no private answer', async () => {
	const found = await carrier.lookUp({ from: '911', to: CALLER, verification: PASSED });
	assert.equal(found.number, '911');
	assert.equal(found.brand, null);
	await assert.rejects(bucketOf('123456'), TypeError);
});

test('a private look-up sends neither number nor key, and asks again only for changes', async () => {
	const asked = [];
	const spy = async (input, init) => {
		const answer = await fetch(input, init);
		asked.push({ url: String(input), headers: init.headers, status: answer.status });
		return answer;
	};
	const registry = new Registry(url, { key: keys.carrier, fetch: spy });
	await registry.lookUpPrivate(CALLER);
	await registry.lookUpPrivate(CALLER);
	assert.deepEqual(asked.map(({ status }) => status), [200, 200, 304]);
	assert.equal(asked[1].url, `${url}/v1/buckets/${await bucketOf(CALLER)}`);
	for (const { url: one, headers } of asked) {
		assert.ok(!one.includes('555'), one);
		assert.ok(!('Authorization' in headers));
	}
});

test('all numbers of a thousand-block share a bucket, and a cut one is refused', async () => {
	assert.equal(await bucketOf('+12155551000'), await bucketOf('12155551999'));
	await assert.rejects(bucketOf('5550177x'), TypeError);
	await assert.rejects(findInBucket(new Uint8Array(100), CALLER), RangeError);
});

test('the stream gives events in order and ends with its signal', async () => {
	const stop = new AbortController();
	const to = nextCallee();
	const kinds = [];
	const first = await announce(to);
	await carrier.lookUp({ from: CALLER, to, verification: PASSED });
	for await (const event of owner.follow({ since: '0', signal: stop.signal })) {
		if (!JSON.stringify(event.data).includes(first.id))
			continue;
		kinds.push(event.kind);
		if (event.kind === 'intent.matched')
			stop.abort();
	}
	assert.deepEqual(kinds, ['intent.announced', 'intent.matched']);
});

test('the stream goes on behind the last event after a lost connection', async () => {
	const { seen, url: at } = await serve((response, n) => {
		response.writeHead(200, { 'Content-Type': 'text/event-stream' });
		if (n === 1)
			response.end(': beat\n\nid: 7\nevent: a\ndata: {"x":\ndata: 1}\n\nid: 8\nevent: cut');
		else if (n === 2)
			response.end('event: reset\ndata: {}\n\n');
		else
			response.write('id: 9\r\nevent: b\r\ndata: 2\r\n\r\n');
	});
	const events = [], states = [];
	for await (const event of new Registry(at).follow({ onState: (on) => states.push(on) })) {
		events.push(event);
		if (events.length === 3)
			break;
	}
	assert.deepEqual(events, [{ id: '7', kind: 'a', data: { x: 1 } },
		{ id: null, kind: 'reset', data: {} }, { id: '9', kind: 'b', data: 2 }]);
	assert.deepEqual(seen.map(({ headers }) => headers['last-event-id']),
		[undefined, '7', undefined]);
	assert.deepEqual(states, [true, false, true, false, true]);
});

test('a silent stream is given up', async () => {
	const { seen, url: at } = await serve((response, n) => {
		response.writeHead(200, { 'Content-Type': 'text/event-stream' });
		response.write(n === 1 ? ': here\n\n' : 'id: 1\nevent: a\ndata: 1\n\n');
	});
	for await (const event of new Registry(at).follow({ heartbeatMs: 200 })) {
		assert.equal(event.id, '1');
		break;
	}
	assert.equal(seen.length, 2);
});

test('a key that may not follow ends the stream', async () => {
	const app = new Registry(url, { key: keys.app });
	await assert.rejects(app.follow().next(), { name: 'RegistryError', status: 403 });
});

test('a refusal has its code, its fields and its request', async () => {
	await assert.rejects(owner.announce({ from: CALLER, to: 'nobody', code: 'other', text: 'x' }),
		(error) => {
			assert.ok(error instanceof RegistryError);
			assert.equal(error.status, 422);
			assert.equal(error.code, 'invalid_fields');
			assert.equal(error.errors[0].pointer, '/to');
			assert.match(error.requestId, /^req_/);
			return true;
		});
});

test('a POST is sent again with the same Idempotency-Key', async () => {
	const { seen, url: at } = await serve((response, n) => {
		if (n === 1)
			return problem(response, 503, 'busy');
		if (n === 2)
			return problem(response, 409, 'in_progress');
		return response.writeHead(201).end('{"id":"int_1"}');
	});
	assert.equal((await new Registry(at).announce({})).id, 'int_1');
	assert.equal(seen.length, 3);
	assert.equal(new Set(seen.map(({ headers }) => headers['idempotency-key'])).size, 1);
});

test('a DELETE and a refusal are not sent again', async () => {
	const { seen, url: at } = await serve((response) => problem(response, 503, 'busy'));
	await assert.rejects(new Registry(at).cancel('int_1'), { status: 503 });
	assert.equal(seen.length, 1);
	await assert.rejects(async () => new Registry(at).cancel('../x'), TypeError);
	assert.equal(seen.length, 1);
});

test('silence ends at the timeout', async () => {
	const { url: at } = await serve(() => {});
	const registry = new Registry(at, { timeoutMs: 200, retries: 0 });
	await assert.rejects(registry.lookUp({ from: CALLER }), { code: 'TIMEOUT',
		message: `no answer from ${at}/v1/lookups: nothing in 200 ms; timeoutMs gives it longer` });
	const signal = AbortSignal.abort(new Error('enough'));
	await assert.rejects(registry.lookUp({ from: CALLER }, { signal }), { message: 'enough' });
});

test('no answer is told with the URL, the reason and what to do', async () => {
	const closed = await serve(() => {});
	const gone = createServer();
	await new Promise((resolve) => { gone.listen(0, '127.0.0.1', resolve); });
	const free = `http://127.0.0.1:${gone.address().port}`;
	await new Promise((resolve) => { gone.close(resolve); });
	const hangsUp = await serve((response) => response.socket.destroy());
	const cut = await serve((response) => response.writeHead(200, { 'Content-Length': 100 })
		.write('{', () => response.socket.destroy()));
	const cases = [
		[free, 'ECONNREFUSED', /ECONNREFUSED.*is the registry running/],
		['http://registry.invalid', /^(ENOTFOUND|EAI_AGAIN)$/, /registry\.invalid/],
		[closed.url.replace('http:', 'https:'), /^ERR_SSL/, /begins with http:/],
		[hangsUp.url, 'UND_ERR_SOCKET', /closed/],
		[cut.url, 'UND_ERR_SOCKET', /closed/],
	];
	for (const [at, code, words] of cases) {
		const registry = new Registry(at, { retries: 0, key: 'ak_secret' });
		await assert.rejects(registry.lookUp({ from: CALLER }), (error) => {
			assert.ok(error instanceof ConnectionError, String(error));
			assert.equal(error.url, `${at}/v1/lookups`);
			assert.match(error.message, words);
			assert.ok(error.message.startsWith(`no answer from ${at}/v1/lookups: `));
			assert.ok(!error.message.includes('fetch failed') && !error.message.includes('\n'));
			assert.ok(!error.message.includes('ak_secret') && !error.message.includes(CALLER));
			assert.match(error.code, code instanceof RegExp ? code : new RegExp(`^${code}$`));
			assert.ok(error.cause instanceof Error);
			return true;
		});
	}
});

test('a stream that does not begin, or breaks, is told in the same words', async () => {
	const cut = await serve((response) => {
		response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Length': 100 });
		response.write(': beat\n\n', () => response.socket.destroy());
	});
	for (const at of ['http://127.0.0.1:1', cut.url]) {
		const stop = new AbortController();
		const [error] = await new Promise((resolve) => {
			const onState = (up, why) => {
				if (up)
					return;
				stop.abort();
				resolve([why]);
			};
			new Registry(at).follow({ onState, signal: stop.signal }).next();
		});
		assert.ok(error instanceof ConnectionError, String(error));
		assert.equal(error.url, `${at}/v1/stream`);
		assert.ok(error.message.startsWith(`no answer from ${at}/v1/stream: `));
		assert.ok(!error.message.includes('terminated'), error.message);
	}
});

test('a URL that is none is refused with what one looks like', () => {
	for (const bad of ['127.0.0.1:8080', 'localhost:8080', 'ftp://x', '', 'https://'])
		assert.throws(() => new Registry(bad), /https:\/\/registry\.example/);
	assert.ok(new Registry('http://127.0.0.1:8080/'));
});

test('the types name what the module exports', () => {
	const types = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8');
	const named = [...types.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name);
	assert.deepEqual(named.sort(), Object.keys(all).sort());
	const members = /export class Registry \{([^]*?)\n\}/.exec(types)[1];
	const methods = [...members.matchAll(/^\t(\w+)\(/gm)].map(([, name]) => name);
	assert.deepEqual(methods.sort(), Object.getOwnPropertyNames(Registry.prototype).sort());
});

test('what is published has every file that is imported', () => {
	const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
	const { files } = JSON.parse(read('package.json'));
	for (const name of files.filter((file) => file.endsWith('.js')))
		for (const [, other] of read(name).matchAll(/from '\.\/([\w.]+)'/g))
			assert.ok(files.includes(other), other);
});
