// SPDX-License-Identifier: Apache-2.0
// Who is calling and why: the registry's API for browsers and Node.
export { Registry } from './client.js';
export { ConnectionError, RegistryError } from './errors.js';
export { bucketOf, findInBucket } from './bucket.js';
