// A real OpenID Connect provider (npm oidc-provider) for the tests, on loopback.  Whoever is sent to it is signed in at once
// as the account that the test has named.  What the provider would not do by itself is done beside it: tokens that are
// wrong in one thing each, and Apple's kind of client secret, which is verified here.
//
//   node provider.mjs HTTP-PORT OTHER-PORT TLS-PORT FOLDER CABINET-URL
//
// FOLDER holds tls.crt and tls.key, and apple.pub, the public key of the client secret.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { randomUUID } from 'node:crypto';
import * as jose from 'jose';
import Provider from 'oidc-provider';

const [httpPort, otherPort, tlsPort, folder, cabinet] = process.argv.slice(2);
const accounts = new Map(); // by sub: claims
let current = null;         // sub of whoever comes next
let fault = null;           // what is wrong with the next token
const counts = {};          // requests by path

const rsa = await jose.generateKeyPair('RS256', { extractable: true });
const ec = await jose.generateKeyPair('ES256', { extractable: true });
const fresh = await jose.generateKeyPair('RS256', { extractable: true }); // published when a test says so
const strange = await jose.generateKeyPair('RS256', { extractable: true }); // never published
const jwk = async (key, kid, alg) => ({ ...(await jose.exportJWK(key)), kid, alg, use: 'sig' });
const jwks = { keys: [await jwk(rsa.privateKey, 'rsa-1', 'RS256'), await jwk(ec.privateKey, 'ec-1', 'ES256')] };
const freshJwk = await jwk(fresh.publicKey, 'rsa-2', 'RS256');
const applePublic = await jose.importSPKI(readFileSync(`${folder}/apple.pub`, 'utf8'), 'ES256');

// The token of claims, right or wrong in the thing that is named.
async function sign(claims, what) {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'RS256', kid: 'rsa-1' };
  let key = rsa.privateKey;
  const body = { ...claims };
  switch (what) {
    case 'nonce': body.nonce = 'another'; break;
    case 'no_nonce': delete body.nonce; break;
    case 'issuer': body.iss = 'https://accounts.example.org'; break;
    case 'audience': body.aud = 'another-client'; break;
    case 'second_audience': body.aud = [claims.aud, 'another-client']; delete body.azp; break;
    case 'authorized_party': body.azp = 'another-client'; break;
    case 'expired': body.iat = now - 3700; body.exp = now - 100; break;
    case 'early': body.iat = now + 3600; body.exp = now + 7200; break;
    case 'not_before': body.nbf = now + 3600; break;
    case 'no_expiry': delete body.exp; break;
    case 'no_subject': delete body.sub; break;
    case 'unknown_key': header.kid = 'rsa-9'; key = strange.privateKey; break;
    case 'signature': key = strange.privateKey; break;
    case 'fresh_key': header.kid = 'rsa-2'; key = fresh.privateKey; break;
    case 'access_token_type': header.typ = 'at+jwt'; break;
    case 'critical': header.crit = ['b64']; header.b64 = true; break;
    case 'rs512': header.alg = 'RS512'; break;
    case 'none': return `${part({ alg: 'none' })}.${part(body)}.`;
    case 'none_with_kid': return `${part({ alg: 'none', kid: 'rsa-1' })}.${part(body)}.`;
    case 'hs256': { // the public key as the secret of an HMAC
      const secret = new TextEncoder().encode(await jose.exportSPKI(rsa.publicKey));
      return new jose.SignJWT(body).setProtectedHeader({ alg: 'HS256', kid: 'rsa-1' }).sign(secret);
    }
    case 'garbage': return 'a.b.c';
    case null: break;
    default: throw new Error(`no such fault: ${what}`);
  }
  if (what === 'rs512') {
    const key512 = await jose.importPKCS8(await jose.exportPKCS8(rsa.privateKey), 'RS512');
    return new jose.SignJWT(body).setProtectedHeader(header).sign(key512);
  }
  return new jose.SignJWT(body).setProtectedHeader(header).sign(key);
}
const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');

// Apple takes a JWT for a secret.  Verified as Apple says; then the provider sees the plain one that it knows.
async function checkAppleSecret(form, issuer) {
  const { payload, protectedHeader } = await jose.jwtVerify(form.get('client_secret') ?? '', applePublic,
    { algorithms: ['ES256'], issuer: 'TEAM123456', subject: 'org.example.web', audience: issuer });
  if (protectedHeader.kid !== 'KEY1234567' || payload.exp - payload.iat > 15777000) throw new Error('claims');
  form.set('client_secret', 'known-to-the-provider');
}

function makeProvider(issuer, inIdToken) {
  const back = (name) => [`${cabinet}/api/v1/auth/oauth/${name}/callback`];
  const code = { grant_types: ['authorization_code'], response_types: ['code'] };
  const provider = new Provider(issuer, {
    jwks,
    clients: [
      { client_id: 'cabinet', client_secret: 'a+secret/with=odd:bytes&%', redirect_uris: [...back('corp'), ...back('other'),
        ...back('tls')], ...code },
      { client_id: 'cabinet-es', token_endpoint_auth_method: 'none', redirect_uris: back('es'), ...code,
        id_token_signed_response_alg: 'ES256' },
      { client_id: 'org.example.web', client_secret: 'known-to-the-provider', redirect_uris: back('apple'), ...code,
        token_endpoint_auth_method: 'client_secret_post' },
      { client_id: 'app', token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1/app'],
        application_type: 'native', ...code },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username', 'name'] },
    scopes: ['openid', 'email', 'profile', 'name'],
    conformIdTokenClaims: !inIdToken,
    pkce: { methods: ['S256'], required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['of the tests'] },
    findAccount: (ctx, sub) => accounts.has(sub) && { accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId,
                                                  accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid email profile name');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    counts[ctx.path] = (counts[ctx.path] ?? 0) + 1;
    if (ctx.path.startsWith('/interaction/')) {
      const result = current === 'nobody'
        ? { error: 'access_denied', error_description: 'No.' }
        : { login: { accountId: current }, consent: {} };
      await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
      ctx.respond = false;
      return;
    }
    await next();
    if (ctx.path === '/token' && ctx.body?.id_token && fault && fault !== 'userinfo_subject') {
      ctx.body = { ...ctx.body, id_token: await sign(jose.decodeJwt(ctx.body.id_token), fault) };
    }
    if (ctx.path === '/jwks' && fault === 'fresh_key') ctx.body = { keys: [...ctx.body.keys, freshJwk] };
    if (ctx.path === '/me' && fault === 'userinfo_subject') ctx.body = { ...ctx.body, sub: 'somebody-else' };
  });
  return provider.callback();
}

function read(request) {
  return new Promise((resolve) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks).toString()));
  });
}

// What tests set and ask.
async function control(request, response, issuer) {
  const body = JSON.parse((await read(request)) || '{}');
  let answer = {};
  switch (request.url) {
    case '/control/account': accounts.set(body.sub, body.claims); current = body.sub; break;
    case '/control/nobody': current = 'nobody'; break;
    case '/control/fault': fault = body.fault; break;
    case '/control/sign': {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, aud: 'cabinet', iat: now, exp: now + 300, ...body.claims };
      answer = { id_token: await sign(claims, body.fault ?? null) };
      break;
    }
    case '/control/counts': answer = counts; break;
    default: response.statusCode = 404;
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(answer));
}

function serve(issuer, inIdToken) {
  const provider = makeProvider(issuer, inIdToken);
  return async (request, response) => {
    if (request.url.startsWith('/control/')) return control(request, response, issuer);
    if (request.url === '/moved/.well-known/openid-configuration') { // a redirect to the real one
      response.writeHead(302, { Location: `${issuer}/.well-known/openid-configuration` });
      return response.end();
    }
    if (request.url === '/endless/.well-known/openid-configuration') {
      response.write('{"issuer":"');
      for (let i = 0; i < 64; i += 1) response.write('x'.repeat(16384));
      return response.end('"}');
    }
    if (request.url === '/silent/.well-known/openid-configuration') return undefined; // and no answer
    if (request.url === '/token') {
      const form = new URLSearchParams(await read(request));
      if (form.get('client_id') === 'org.example.web') {
        try {
          await checkAppleSecret(form, issuer);
        } catch (error) {
          process.stderr.write(`client secret: ${error.message}\n`);
        }
      }
      request.body = Object.fromEntries(form); // oidc-provider takes what was read before it
    }
    return provider(request, response);
  };
}

const tls = { key: readFileSync(`${folder}/tls.key`), cert: readFileSync(`${folder}/tls.crt`) };
createServer(serve(`http://127.0.0.1:${httpPort}`, false)).listen(httpPort, '127.0.0.1');
createServer(serve(`http://127.0.0.1:${otherPort}`, true)).listen(otherPort, '127.0.0.1');
createTlsServer(tls, serve(`https://localhost:${tlsPort}`, true)).listen(tlsPort, '127.0.0.1', () => {
  process.stdout.write(`ready ${randomUUID()}\n`);
});
