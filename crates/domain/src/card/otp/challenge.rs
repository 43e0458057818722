//! One payer being asked: what is counted, and what an answer means.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{CodeHash, MINUTE_MS, Rules, VALID_MINUTES_MAX};
use crate::Timestamp;

/// No issuer is waited for so long. What comes later may be the repetition of an old answer, and proves nothing.
const ANSWER_WITHIN_MS: i64 = 5 * MINUTE_MS;

/// A code that is being tried: counted, and not answered yet. It may be kept across the wait, while the challenge itself is
/// stored and read again.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a try that is not answered is lost"]
pub struct Try {
    which: u8,
    /// Which of the codes that were sent: 0 is the first.
    code: u8,
    began_at: Timestamp,
}

/// Another code that is being asked for: counted, and not answered yet.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a code that was asked for may have been sent"]
pub struct Resend {
    which: u8,
    began_at: Timestamp,
}

/// What an issuer says of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryAnswer {
    /// It is the code.
    Right,
    /// It is not.
    Wrong,
    /// It is too old.
    Expired,
    /// The issuer takes no more codes from this payer.
    Locked,
    /// Nothing that can be understood, or nothing at all.
    Lost,
}

/// What an issuer says of another code that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResendAnswer {
    /// It was sent.
    Sent {
        /// For how many minutes it holds.
        valid_minutes: u16,
        /// Its hash, where we are the issuer.
        code: Option<CodeHash>,
    },
    /// It was not; the last one still holds.
    NotSent,
    /// Nobody knows. It may be on the payer's phone, so a code may be tried for as long as the last one held.
    Lost,
}

/// What became of a code that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was right: the payer is the holder. Said once.
    Passed,
    /// Another try has passed; this one changes nothing.
    AlreadyPassed,
    /// It was wrong.
    Wrong {
        /// How many may still be tried; none where the last is being tried at this moment.
        tries_left: u8,
    },
    /// It was too old, and the try is given back. Another code may be sent.
    CodeExpired,
    /// It was the last try, or the issuer, or something else, has ended it before: nothing passes any more.
    Locked,
    /// Nobody knows what it was. The try counts.
    Lost {
        /// How many may still be tried.
        tries_left: u8,
    },
}

/// Why a code is not tried, or not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The code is too old. Another may be sent.
    #[error("the code is too old")]
    CodeExpired,
    /// The whole challenge is too old.
    #[error("the time for authentication is over")]
    Expired,
    /// Too many wrong codes.
    #[error("too many wrong codes")]
    Locked,
    /// No try is left but those that are not answered yet, of which one may pass.
    #[error("the last try is not answered yet")]
    NotAnswered,
    /// The payer was authenticated already: a code passes once.
    #[error("already authenticated")]
    AlreadyPassed,
    /// No more codes are sent.
    #[error("no more codes are sent")]
    NoMoreCodes,
    /// The last code was sent a moment ago.
    #[error("the next code can be sent in {wait_s} seconds")]
    TooSoon {
        /// Seconds until one may be sent.
        wait_s: u16,
    },
}

impl Refusal {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CodeExpired => "otp_code_expired",
            Self::Expired => "otp_expired",
            Self::Locked => "otp_locked",
            Self::NotAnswered => "otp_not_answered",
            Self::AlreadyPassed => "otp_already_passed",
            Self::NoMoreCodes => "otp_no_more_codes",
            Self::TooSoon { .. } => "otp_too_soon",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Waiting,
    Passed,
    Locked,
}

/// The code that was sent last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Code {
    /// 0 is the first of its challenge.
    which: u8,
    sent_at: Timestamp,
    valid_minutes: u16,
    /// None where only the issuer knows it.
    hash: Option<CodeHash>,
    /// The issuer found it too old before we did.
    is_over: bool,
}

/// One payer being asked for one payment. See the module above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    rules: Rules,
    began_at: Timestamp,
    code: Code,
    /// Tries that count: wrong, lost, or not answered yet.
    tries: u8,
    /// Every try that was begun; each is named by how many were before it.
    begun: u8,
    /// Those that are not answered yet.
    open: Vec<u8>,
    /// Codes that were asked for after the first.
    resends: u8,
    /// The last of them.
    resend_at: Timestamp,
    stage: Stage,
}

impl Challenge {
    /// The first code was sent, and holds for so many minutes by its issuer's word. Without `code`, the issuer alone
    /// knows it.
    pub fn begin(rules: Rules, valid_minutes: u16, code: Option<CodeHash>, now: Timestamp) -> Self {
        Self {
            rules: rules.bounded(),
            began_at: now,
            code: Code::sent(0, valid_minutes, code, now),
            tries: 0,
            begun: 0,
            open: Vec::new(),
            resends: 0,
            resend_at: now,
            stage: Stage::Waiting,
        }
    }

    /// Whether a code may be tried now. Changes nothing.
    pub fn may_try(&self, now: Timestamp) -> Result<(), Refusal> {
        self.is_waiting(now)?;
        if self.tries >= self.rules.tries {
            return Err(Refusal::NotAnswered);
        }
        if self.code.is_old(now) { Err(Refusal::CodeExpired) } else { Ok(()) }
    }

    /// Counts a try. Store the challenge, then ask the issuer, then tell [`Self::answered`].
    pub fn begin_try(&mut self, now: Timestamp) -> Result<Try, Refusal> {
        self.may_try(now)?;
        let which = self.begun;
        self.begun = self.begun.saturating_add(1);
        self.tries = self.tries.saturating_add(1);
        self.open.push(which);
        Ok(Try { which, code: self.code.which, began_at: now })
    }

    /// What the issuer says who is ourselves. Where only a live one knows the code, every code is wrong; and so is one
    /// after which another was sent.
    pub fn compare(&self, of: &Try, tried: CodeHash) -> TryAnswer {
        let is_code = self.code.hash.is_some_and(|code| code == tried);
        if is_code && of.code == self.code.which { TryAnswer::Right } else { TryAnswer::Wrong }
    }

    /// What the issuer's answer to a try means. A try is answered once; whatever is said of it afterwards says nothing.
    pub fn answered(&mut self, of: &Try, answer: TryAnswer, now: Timestamp) -> Verdict {
        let Some(at) = self.open.iter().position(|which| *which == of.which) else {
            return self.verdict_of_nothing();
        };
        self.open.swap_remove(at);
        let is_late = now.ms_since(of.began_at) >= ANSWER_WITHIN_MS;
        match (self.stage, answer) {
            (Stage::Passed, _) => Verdict::AlreadyPassed,
            (Stage::Locked, _) => Verdict::Locked,
            (Stage::Waiting, _) if is_late => self.counted(Verdict::Lost { tries_left: 0 }),
            (Stage::Waiting, TryAnswer::Right) => {
                self.stage = Stage::Passed;
                self.code.hash = None;
                Verdict::Passed
            }
            (Stage::Waiting, TryAnswer::Wrong) => self.counted(Verdict::Wrong { tries_left: 0 }),
            (Stage::Waiting, TryAnswer::Lost) => self.counted(Verdict::Lost { tries_left: 0 }),
            (Stage::Waiting, TryAnswer::Expired) => {
                // Another code may have been sent since; that one is not meant.
                self.code.is_over |= of.code == self.code.which;
                self.tries = self.tries.saturating_sub(1);
                Verdict::CodeExpired
            }
            (Stage::Waiting, TryAnswer::Locked) => {
                self.lock();
                Verdict::Locked
            }
        }
    }

    /// Whether another code may be sent now. Changes nothing.
    pub fn may_resend(&self, now: Timestamp) -> Result<(), Refusal> {
        self.is_waiting(now)?;
        if self.resends >= self.rules.resends {
            return Err(Refusal::NoMoreCodes);
        }
        let wait_ms = i64::from(self.rules.resend_wait_s) * 1000;
        let left_ms = wait_ms.saturating_sub(now.ms_since(self.resend_at)).min(wait_ms);
        if left_ms > 0 {
            // Rounded up, within the rule.
            let wait_s = u16::try_from((left_ms + 999) / 1000).unwrap_or(self.rules.resend_wait_s);
            return Err(Refusal::TooSoon { wait_s });
        }
        Ok(())
    }

    /// Counts another code. Store the challenge, then ask the issuer, then tell [`Self::resent`]. It stays counted
    /// whatever the issuer says: it may have been sent all the same.
    pub fn begin_resend(&mut self, now: Timestamp) -> Result<Resend, Refusal> {
        self.may_resend(now)?;
        self.resends = self.resends.saturating_add(1);
        self.resend_at = now;
        Ok(Resend { which: self.resends, began_at: now })
    }

    /// Another code was sent: the one before is worth nothing from now on, and what was tried stays counted. Nothing is
    /// changed by what is said of a code after which another was sent, nor after the end.
    pub fn resent(&mut self, of: &Resend, answer: ResendAnswer, now: Timestamp) {
        if self.stage != Stage::Waiting || of.which <= self.code.which || of.which > self.resends {
            return;
        }
        match answer {
            ResendAnswer::NotSent => {}
            ResendAnswer::Sent { valid_minutes, code } => {
                self.code = Code::sent(of.which, valid_minutes, code, now);
            }
            ResendAnswer::Lost => {
                let valid_minutes = self.code.valid_minutes;
                self.code = Code::sent(of.which, valid_minutes, None, of.began_at);
            }
        }
    }

    /// Nothing passes any more: the issuer says so, or the payer gave up. What has passed stays so.
    pub fn lock(&mut self) {
        if self.stage == Stage::Waiting {
            self.stage = Stage::Locked;
            self.code.hash = None;
        }
    }

    /// Whether the payer was authenticated.
    pub fn has_passed(&self) -> bool {
        self.stage == Stage::Passed
    }

    /// Whether it was locked.
    pub fn is_locked(&self) -> bool {
        self.stage == Stage::Locked
    }

    /// The rules by which it goes.
    pub const fn rules(&self) -> Rules {
        self.rules
    }

    /// For how many minutes the last code holds, from when it was sent.
    pub const fn valid_minutes(&self) -> u16 {
        self.code.valid_minutes
    }

    /// How many codes may still be tried.
    pub fn tries_left(&self) -> u8 {
        if self.is_locked() { 0 } else { self.rules.tries.saturating_sub(self.tries) }
    }

    /// How many codes may still be sent.
    pub const fn resends_left(&self) -> u8 {
        self.rules.resends.saturating_sub(self.resends)
    }

    /// A try that stays counted. The last of all locks.
    fn counted(&mut self, verdict: Verdict) -> Verdict {
        let tries_left = self.tries_left();
        if tries_left == 0 && self.open.is_empty() {
            self.lock();
            return Verdict::Locked;
        }
        match verdict {
            Verdict::Wrong { .. } => Verdict::Wrong { tries_left },
            Verdict::Lost { .. } => Verdict::Lost { tries_left },
            other => other,
        }
    }

    fn verdict_of_nothing(&self) -> Verdict {
        match self.stage {
            Stage::Passed => Verdict::AlreadyPassed,
            Stage::Locked => Verdict::Locked,
            Stage::Waiting => Verdict::Lost { tries_left: self.tries_left() },
        }
    }

    fn is_waiting(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.stage {
            Stage::Passed => Err(Refusal::AlreadyPassed),
            Stage::Locked => Err(Refusal::Locked),
            Stage::Waiting => {
                let life_ms = i64::from(self.rules.life_minutes) * MINUTE_MS;
                if now.ms_since(self.began_at) >= life_ms { Err(Refusal::Expired) } else { Ok(()) }
            }
        }
    }
}

impl Code {
    fn sent(which: u8, valid_minutes: u16, hash: Option<CodeHash>, sent_at: Timestamp) -> Self {
        let valid_minutes = valid_minutes.clamp(1, VALID_MINUTES_MAX);
        Self { which, sent_at, valid_minutes, hash, is_over: false }
    }

    fn is_old(&self, now: Timestamp) -> bool {
        self.is_over || now.ms_since(self.sent_at) >= i64::from(self.valid_minutes) * MINUTE_MS
    }
}
