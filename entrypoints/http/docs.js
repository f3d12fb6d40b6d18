// What the page at /docs does once it is there. A file of its own, as the page's policy runs no
// script that stands in the page.
"use strict";

// The dialogue asks for the bearer token alone: a webhook's signature is not typed by hand, and of
// several boxes the last has the cursor. The document at openapi.json names all schemes.
function withBearerAlone(description) {
  const { securitySchemes } = description.components;
  const typed = (name) => securitySchemes[name].scheme === "bearer";
  const kept = Object.entries(securitySchemes).filter(([name]) => typed(name));
  const isTyped = (alternative) => Object.keys(alternative).every(typed);
  const operation = (each) => ({ ...each, security: each.security.filter(isTyped) });
  const operations = (path) => mapped(path, (each) => (each.security ? operation(each) : each));
  return {
    ...description,
    paths: mapped(description.paths, operations),
    components: {
      ...description.components,
      securitySchemes: Object.fromEntries(kept),
    },
  };
}

const mapped = (object, change) => (
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]))
);

const DOCUMENT = new URL("openapi.json", location.href).href;

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // Each operation is open to be tried: there is nothing to begin, and nothing to cancel.
  plugins: [() => ({ wrapComponents: { TryItOutButton: () => () => null } })],
  responseInterceptor: (response) => {
    if (response.url !== DOCUMENT || !response.ok) return response;
    const text = JSON.stringify(withBearerAlone(JSON.parse(response.text)));
    return Object.assign(response, { text });
  },
  validatorUrl: null, // no badge from elsewhere
});
