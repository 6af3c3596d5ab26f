// The API reference at /docs: Swagger UI from its own package, so that it works without a network.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Express } from 'express';

const START = `window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: 'BaseLayout',
  });
};`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Railhead API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/assets/swagger-ui-standalone-preset.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

export const mountApiDocs = (document: object) => {
  const text = JSON.stringify(document);
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return (app: Express): void => {
    app.get('/', (_, response) => response.redirect('/docs'));
    app.get('/docs', (_, response) => response.type('html').send(PAGE));
    app.get('/docs/start.js', (_, response) => response.type('js').send(START));
    app.use('/docs/assets', express.static(assets, { index: false, maxAge: '1h' }));
    app.get('/openapi.json', (_, response) => response.type('json').send(text));
  };
};
