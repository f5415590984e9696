// @ts-check
/** The partner backend's one call, in three languages, with this server's address and the number typed. */

/**
 * @typedef {object} Circumstances
 * @property {string} server
 * @property {string} phoneNumber
 * @property {boolean} keyed whether the server wants a key
 * @property {import('./language.js').Texts} texts for the comments
 */
/** @typedef {{ name: string, write: (given: Circumstances) => string }} Snippet */

const KEY = 'your-api-key';

/** @param {Circumstances} given */
function curl({ server, phoneNumber, keyed }) {
  const body = `{"phoneNumber": ${JSON.stringify(phoneNumber)}}`;
  return [
    `curl -X POST ${server}/api/auth/phone`,
    `-H 'Content-Type: application/json'`,
    ...(keyed ? [`-H 'X-API-Key: ${KEY}'`] : []),
    `-d ${shellQuoted(body)}`,
  ].join(' \\\n  ');
}

/** @param {Circumstances} given */
function javaScript({ server, phoneNumber, keyed, texts }) {
  return `// ${texts['snippet.run']}
const response = await fetch('${server}/api/auth/phone', {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',${keyed ? `\n    'X-API-Key': '${KEY}',` : ''}
  },
  body: JSON.stringify({ phoneNumber: ${quoted(phoneNumber)} }),
});
const answer = await response.json();
if (!response.ok) throw new Error(\`\${response.status} \${answer.error}\`);

// ${texts['snippet.open']}
const miniAppUrl = \`${server}/?token=\${answer.token}\`;
console.log(miniAppUrl);`;
}

/** @param {Circumstances} given */
function python({ server, phoneNumber, keyed, texts }) {
  return `import requests

response = requests.post(
    '${server}/api/auth/phone',
    json={'phoneNumber': ${quoted(phoneNumber)}},${keyed ? `\n    headers={'X-API-Key': '${KEY}'},` : ''}
    timeout=10,
)
answer = response.json()
if not response.ok:
    raise SystemExit(f'{response.status_code} {answer["error"]}')

# ${texts['snippet.open']}
mini_app_url = f'${server}/?token={answer["token"]}'
print(mini_app_url)`;
}

/** @type {readonly Snippet[]} */
export const SNIPPETS = [
  { name: 'curl', write: curl },
  { name: 'JavaScript', write: javaScript },
  { name: 'Python', write: python },
];

/**
 * Whatever was typed is one word to the shell, and nothing in it is run.
 * @param {string} text
 */
function shellQuoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * A string literal that JavaScript and Python both read.
 * @param {string} text
 */
function quoted(text) {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll(String.raw`\"`, '"').replaceAll("'", String.raw`\'`)}'`;
}
