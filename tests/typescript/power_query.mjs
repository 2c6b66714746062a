// Parses the Power Query on standard input; says what is wrong with it.
import { readFileSync } from "node:fs";
import PQP from "@microsoft/powerquery-parser";

const parsed = await PQP.TaskUtils.tryLexParse(PQP.DefaultSettings, readFileSync(0, "utf8"));
if (!PQP.TaskUtils.isParseStageOk(parsed)) {
  console.error(parsed.error.message);
  process.exit(1);
}
