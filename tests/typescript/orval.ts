import { commitmentsList } from "./orval/client";

const answer = await commitmentsList({ plan: ["PLAN"], status: ["active"] });
if (answer.status !== 200) throw new Error(`${answer.status}`);
const wrong = await commitmentsList({ plan: ["NONE"] });
if (wrong.status !== 400) throw new Error("An unknown plan was taken.");
const codes = answer.data.results.map((row) => `${row.code} ${row.status.code} ${row.title["en"]}`);
console.log(JSON.stringify([codes, wrong.data.errors?.map((row) => row.code)]));
