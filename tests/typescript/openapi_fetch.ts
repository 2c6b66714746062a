import createClient from "openapi-fetch";
import type { paths } from "./schema";

const client = createClient<paths>({ baseUrl: process.argv[2] });
const query = { plan: ["PLAN"], status: ["active" as const] };
const { data, error } = await client.GET("/api/v1/commitments/", { params: { query } });
if (error) throw new Error(error.detail);
const wrong = await client.GET("/api/v1/commitments/", { params: { query: { plan: ["NONE"] } } });
if (!wrong.error?.errors) throw new Error("An unknown plan was taken.");
const codes = data.results.map((row) => `${row.code} ${row.status.code} ${row.title["en"]}`);
console.log(JSON.stringify([codes, wrong.error.errors.map((row) => row.code)]));
