import { commitmentsList } from "./hey_client";
import { client } from "./hey_client/client.gen";

client.setConfig({ baseUrl: process.argv[2] });
const { data } = await commitmentsList({ query: { plan: ["PLAN"], status: ["active"] } });
if (!data) throw new Error("There is no answer.");
const wrong = await commitmentsList({ query: { plan: ["NONE"] } });
if (!wrong.error) throw new Error("An unknown plan was taken.");
const codes = data.results.map((row) => `${row.code} ${row.status.code} ${row.title["en"]}`);
console.log(JSON.stringify([codes, (wrong.error as { errors: { code: string }[] }).errors.map((row) => row.code)]));
