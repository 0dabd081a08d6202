//! A sale's peak is placed: the bench that lives beside the use case, on both databases, against 20 and 200 agents.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::postgres::Cluster;
use crate::{Outcome, machine, report, variable};

/// How many agents receive.
const AGENTS: [&str; 2] = ["20", "200"];
const HEAD: &str = "| database | agents | buyers | placed at once | longest queue | messages left | wait p50 / p99 / longest s \
    | told wait within 30 % | receptions of an agent, fewest – most | decision p50 / p99 / max ms | lost | over the cap |\n\
    |---|---|---|---|---|---|---|---|---|---|---|---|\n";

/// Without words both databases, and the result is kept; `sqlite` or `postgres` measures one and only shows it.
pub fn run(words: &[String]) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| e.to_string())?;
    let wants = |word: &str| words.is_empty() || words.iter().any(|w| w == word);
    let page = runtime.block_on(measure(wants("sqlite"), wants("postgres")))?;
    if words.is_empty() {
        return report::keep("routing", &page);
    }
    println!("{page}");
    Ok(())
}

async fn measure(on_sqlite: bool, on_postgres: bool) -> Outcome<String> {
    let binary = Path::new(&variable("XIAOER_BIN")?).with_file_name("examples");
    let binary = binary.join("bench_routing");
    let cluster = Cluster::find()?;
    let machine = machine::describe(&cluster).await?;
    let mut rows = String::new();
    for agents in AGENTS.iter().filter(|_| on_sqlite) {
        let folder =
            std::env::temp_dir().join(format!("xiaoer-bench-routing-{}", std::process::id()));
        let row = peak(&binary, &folder.to_string_lossy(), agents);
        let _ = std::fs::remove_dir_all(&folder);
        rows.push_str(&row?);
    }
    for agents in AGENTS.iter().filter(|_| on_postgres) {
        let url = cluster.create("bench_routing").await?;
        let row = peak(&binary, &url, agents);
        cluster.drop("bench_routing").await?;
        rows.push_str(&row?);
    }
    let machine: String = machine.iter().map(|line| format!("- {line}\n")).collect();
    Ok(format!(
        "# A sale's peak\n\n\
         Written by `make bench-routing`. 458 new enquiries a minute for ten simulated minutes, each served for 60 to 180 s, \
         ten seats an agent, after 300 calm ones from which waits are guessed. A decision is the real time from the buyer's \
         line, or the end of a session, to the commit with everybody placed who could be. Told wait: the first that a buyer \
         heard, against what came; within 30 %, or the 10 s to which it is rounded. After three minutes a buyer is offered to \
         leave a message, and one in three does; the place in the queue stays.\n\n\
         {machine}\n{HEAD}{rows}"
    ))
}

fn peak(binary: &PathBuf, place: &str, agents: &str) -> Outcome<String> {
    let call = Command::new(binary).args([place, agents]).stderr(Stdio::inherit()).output();
    let output = call.map_err(|e| format!("{}: {e}", binary.display()))?;
    let row = String::from_utf8_lossy(&output.stdout).into_owned();
    eprint!("{row}");
    if output.status.success() {
        Ok(row)
    } else {
        Err(format!("the peak ended with {}", output.status))
    }
}
