/**
 * Secrets that are recognised by their looks, wherever they stand. What precedes the secret itself is kept (`$1`). Whatever
 * may be looked at in vain is bounded, so that no text takes quadratic time. (secretlint's rules were looked at: they are
 * asynchronous, want files, and know less of what stands between quotes and in URLs.)
 *
 * | shape | example |
 * |---|---|
 * | private keys, PEM and OpenSSH | `-----BEGIN … PRIVATE KEY-----` |
 * | HTTP credentials | `Bearer …`, `Basic …` |
 * | OpenAI, Anthropic and alike | `sk-…`, `sk-ant-…`, `sk-proj-…` |
 * | Stripe | `sk_live_…`, `rk_test_…`, `whsec_…` |
 * | our own keys | `sbx_…` |
 * | GitHub, GitLab, npm, PyPI, Hugging Face | `ghp_…`, `github_pat_…`, `glpat-…`, `npm_…`, `pypi-…`, `hf_…` |
 * | Slack | `xoxb-…`, `xapp-…`, `https://hooks.slack.com/services/…` |
 * | AWS, Google, SendGrid | `AKIA…`, `ASIA…`, `AIza…`, `SG.….…` |
 * | JSON Web Tokens | `eyJ….eyJ….…` |
 * | passwords in URLs | `postgres://ada:…@host` |
 * | assignments to secret names | `API_TOKEN=…`, `"password": "…"`, `?api_key=…` |
 */
export const TOKEN_SHAPES: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(Bearer\s+|Basic\s+)[\w.~+/-]{8,}=*/gi,
  /()\bsk-[\w-]{16,}/g,
  /()\b(?:sk|rk)_(?:live|test)_\w{10,}|\bwhsec_[\w+/=-]{16,}/g,
  /()\bsbx_[\w-]{16,}/g,
  /()\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_\w{20,}|pypi-[\w-]{16,}|hf_[A-Za-z]{20,})/g,
  /()\b(?:xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,})/g,
  /(\bhooks\.slack\.com\/(?:services|workflows)\/)[\w/-]{16,}/g,
  /()\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /()\bAIza[\w-]{35}/g,
  /()\bSG\.[\w-]{16,64}\.[\w-]{16,64}/g,
  /()\beyJ[\w-]{8,2000}\.eyJ[\w-]{8,}\.[\w-]+/g,
  /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"']{0,200}:)[^\s@/"']{1,200}(?=@)/gi,
  // SOME_TOKEN=value, as in environments; then "password": "value" and token=value1, but not code like `token = next()`.
  /(\b[A-Z][A-Z0-9_]{0,60}(?:PASSWORD|SECRET|TOKEN|API_?KEY)\s?[=:]\s?["']?)(?!\[redacted\])[^\s"',;&(){}[\]\\]{6,}/g,
  /((?:password|passwd|secret|token|api[_-]?key)\\?["']?\s?[=:]\s?\\?["'])(?!\[redacted\])[^\s"'\\]{6,}(?=\\?["'])/gi,
  /((?:password|passwd|secret|token|api[_-]?key)=)(?=[^\s"',;&(){}[\]\\]{0,200}\d)[^\s"',;&(){}[\]\\]{6,}/gi,
];

/** Cheap first look: a text without any of these words holds nothing that the shapes know, nor a field with a secret name. */
export const SUSPICIOUS =
  /token|secret|passw|passphrase|authorization|key|credential|cookie|bearer|basic|sk-|[sr]k_live|[sr]k_test|whsec_|sbx_|gh[pousr]_|github_pat|glpat|npm_|pypi-|hf_|xox|xapp-|hooks\.slack|A[KS]IA|AIza|SG\.|eyJ|:\/\//i;
