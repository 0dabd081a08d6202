//! The simulator against real server processes. A seed that fails belongs into `tests/seeds/`, where it is played for
//! good.
//!
//! `XIAOER_SIM_SEED=17 XIAOER_SIM_STEPS=900` plays one plan; `XIAOER_SIM_SEED=random` plays a new one.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::FutureExt as _;
use xiaoer_store::DatabaseUrl;
use xiaoer_testkit::run_on_postgres;
use xiaoer_testkit::sim::{Plan, Program, play};

/// Plans that every run plays: seed and steps.
const PLANS: &[(u64, usize)] = &[(11, 500), (12, 500), (13, 500)];
/// Steps of a plan whose seed comes from the environment.
const STEPS: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_holds_what_the_server_holds_whatever_happens_on_sqlite() {
    for plan in plans() {
        run(&plan, "sqlite", None).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_holds_what_the_server_holds_whatever_happens_on_postgres() {
    for plan in plans() {
        run_on_postgres(|db| async move {
            let DatabaseUrl::Postgres { url, .. } = db.config().url else {
                panic!("it was asked for PostgreSQL")
            };
            run(&plan, "postgres", Some(url)).await;
        })
        .await;
    }
}

/// Plays a plan; what it leaves behind stays when it fails.
async fn run(plan: &Plan, database: &str, database_url: Option<String>) {
    let name = format!("xiaoer-sim-{database}-{}-{}", plan.seed, std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let path = PathBuf::from(env!("CARGO_BIN_EXE_xiaoer"));
    let program = Program { path, folder: folder.clone(), database_url };
    match AssertUnwindSafe(play(&program, plan)).catch_unwind().await {
        Ok(report) => {
            println!("{database}, {plan}: {report:?}");
            assert!(report.stored > plan.steps.len() / 4, "hardly anything was said");
            std::fs::remove_dir_all(&folder).unwrap();
        }
        Err(panic) => {
            eprintln!("{database}, {plan}");
            eprintln!("again: XIAOER_SIM_SEED={} XIAOER_SIM_STEPS={}", plan.seed, plan.asked);
            eprintln!("left behind: {}", folder.display());
            resume_unwind(panic);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests are configured by the one who runs them")]
fn plans() -> Vec<Plan> {
    let steps = std::env::var("XIAOER_SIM_STEPS").map_or(STEPS, |steps| steps.parse().unwrap());
    match std::env::var("XIAOER_SIM_SEED").as_deref() {
        Err(_) => known_plans(),
        Ok("random") => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            vec![Plan::draw(u64::from(now.subsec_nanos()) ^ now.as_secs(), steps)]
        }
        Ok(seed) => vec![Plan::draw(seed.parse().unwrap(), steps)],
    }
}

/// The fixed ones, and those that once failed: `seed steps # what it found`.
fn known_plans() -> Vec<Plan> {
    let mut plans: Vec<Plan> =
        PLANS.iter().map(|(seed, steps)| Plan::draw(*seed, *steps)).collect();
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds");
    for file in std::fs::read_dir(seeds).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let plan = line.split('#').next().unwrap_or_default();
            if let [seed, steps] = plan.split_whitespace().collect::<Vec<_>>()[..] {
                plans.push(Plan::draw(seed.parse().unwrap(), steps.parse().unwrap()));
            }
        }
    }
    plans
}
