// Package web is what browsers and other programs reach over HTTP: the API under /api/v1 (OpenAPI at
// /api/v1/openapi.json), the desk websocket, the app itself, health and metrics.
//
// One file holds one resource. Every route is registered through route or the like and names the Right it needs;
// rights.go is the one table of who has which, and a test walks all routes with it. Whom a person's scope covers is
// applied in SQL, by reach.
//
// A request passes: panics caught and logged, security headers, limits of size, same origin, session, right, handler.
// Errors are RFC 9457 problems with a stable code; their texts are for developers, the app has its own words for codes.
package web
