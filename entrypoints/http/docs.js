// What the page at /docs does once it is there. A file of its own, as the page's policy runs no
// script that stands in the page.
"use strict";

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null, // no badge from elsewhere
});
