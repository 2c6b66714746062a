import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

const [, , baseUrl, token] = process.argv;
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

const draft: components["schemas"]["UpdateWriteRequest"] = {
  commitment: "PLAN-1.1",
  effective_on: "2026-06-01",
  event_type: "participation",
  summary: { en: "A forum was held." },
};
const created = await client.POST("/api/v1/updates/", { body: draft });
if (created.error) throw new Error(created.error.detail);
if (Array.isArray(created.data)) throw new Error("One draft was sent.");
const path = { id: created.data.id };

const added = await client.POST("/api/v1/updates/{id}/files/", {
  params: { path },
  body: { title: "Minutes", kind: "meeting_record", source: "official", file: "Four drains were closed.\n" },
  bodySerializer({ file, ...fields }) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
    form.set("file", new Blob([file]), "minutes.txt");
    return form;
  },
});
if (added.error) throw new Error(added.error.detail);

const stale = created.response.headers.get("ETag") ?? "";
const late = await client.POST("/api/v1/updates/{id}/submit/", {
  params: { path, header: { "If-Match": stale } },
  body: {},
});
const current = added.response.headers.get("ETag") ?? "";
const submitted = await client.POST("/api/v1/updates/{id}/submit/", {
  params: { path, header: { "If-Match": current } },
  body: {},
});
if (submitted.error) throw new Error(submitted.error.detail);

const table = await client.GET("/api/v1/commitments/export/", {
  params: { query: { format: "csv", plan: ["PLAN"] } },
  parseAs: "text",
});
if (table.error) throw new Error(table.error.detail);
console.log(JSON.stringify([late.response.status, submitted.data.state, added.data.file?.sha256, table.data]));
