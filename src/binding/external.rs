//! Native memory as V8 sees it: announced, so that its collector feels what hangs on an object.

use napi::Env;

use super::error::Result;
use super::scanner::internal;

/// Differences below this are not worth a call.
const STEP: i64 = 1 << 20;

/// What was announced for one object; bytes.
#[derive(Default)]
pub struct External {
    announced: i64,
}

impl External {
    /// Announces what the object holds now, where that differs much from what was announced.
    pub fn announce(&mut self, env: &Env, held: u64) -> Result<()> {
        let held = held as i64;
        if (held - self.announced).abs() >= STEP || held == 0 && self.announced != 0 {
            env.adjust_external_memory(held - self.announced).map_err(internal)?;
            self.announced = held;
        }
        Ok(())
    }

    /// Takes all of it back: the object is gone.
    pub fn withdraw(&self, env: &Env) -> napi::Result<()> {
        env.adjust_external_memory(-self.announced).map(drop)
    }
}
