//! How the simulated network answers each question.

use torana_domain::Timestamp;
use torana_domain::card::{
    AuthenticationEnd, CardBrand, Contradiction, Fingerprint, Flow, Means, NotServed, Refusal,
    ResponseCode, Use,
};

use super::kept::Known;
use super::moving::{Asked, Fate};
use super::{Asking, Behaviour, KeptCard, Moving, Record, Simulator, flow_of, number_of};
use crate::card::network::{
    Authenticate, Authenticated, AuthenticationAnswer, Authorise, BinFacts, CardNetwork, Challenge,
    CheckBin, Draw, Forget, Found, Further, Initiate, Initiated, Keep, Keeping, Kept, NoAnswer,
    NotKnown, Outcome, Status, Void,
};
use crate::card::{BinTable, Flows};

/// What the published exchange shows of a payer who was authenticated.
const VERIFIED_CODE: &str = "00";
const VERIFIED_TEXT: &str = "OTP verified successfully.";

impl CardNetwork for Simulator {
    fn check_bin(&mut self, question: &CheckBin, _draw: Draw) -> Result<BinFacts, NoAnswer> {
        let known = BinTable::default().look_up(&question.bin, Some(CardBrand::RuPay));
        let brand = known.map_or(CardBrand::RuPay, |answer| answer.brand);
        let flows =
            flow_of(&question.bin).filter(|_| brand == CardBrand::RuPay).map(|flow| match flow {
                Flow::Redirect => Flows::Redirect,
                Flow::Seamless => Flows::Seamless,
            });
        Ok(BinFacts { brand, flows, issuer: Some("Torana test bank".to_owned()) })
    }

    fn initiate(&mut self, question: &Initiate, draw: Draw) -> Result<Initiated, NoAnswer> {
        let refused = |refusal| Ok(Initiated::Refused(refusal));
        let card = self.known(&question.means);
        let number = number_of(&question.operation);
        match (self.records.get(&number), &card) {
            (Some(Record::Asking(asking)), Some(card))
                if *asking.operation() == question.operation
                    && asking.is_same(question, &card.fingerprint) =>
            {
                return Ok(self.challenged(asking));
            }
            (Some(_), _) => return refused(Refusal::Rule(Contradiction::NameTaken)),
            (None, _) => {}
        }
        let Some(card) = card else {
            return refused(Refusal::Network(ResponseCode::NO_SUCH_CARD));
        };
        if let Some(refusal) = card.refuses(draw.now) {
            return refused(refusal);
        }
        if !question.amount.is_positive() {
            return refused(Refusal::Network(ResponseCode::INVALID_AMOUNT));
        }
        if card.behaviour == Behaviour::NotAsked {
            return refused(Refusal::Network(ResponseCode::RESTRICTED));
        }
        let issuer = (self.rules, self.key.as_slice());
        let asking = Asking::begin(number, question, &card, issuer, draw.now);
        let answer = self.challenged(&asking);
        self.make(Record::Asking(Box::new(asking)));
        Ok(answer)
    }

    fn authenticate(
        &mut self,
        question: &Authenticate,
        draw: Draw,
    ) -> Result<AuthenticationAnswer, NoAnswer> {
        let no_such = Authenticated::Failed(AuthenticationEnd::NoSuch);
        let Some(asking) = self.asking(&question.authentication) else {
            return Ok(no_such.into());
        };
        let is_meant = *asking.operation() == question.operation
            && asking.authentication.order() == question.order;
        if !is_meant {
            return Ok(no_such.into());
        }
        let card = question.card.as_ref().map(|card| self.fingerprint(card));
        if card.is_some_and(|card| !asking.authentication.is_of(&card)) {
            return Ok(Authenticated::OtherCard.into());
        }
        let key = self.key.clone();
        let stands = self.change(asking.number(), |record| match record {
            Record::Asking(asking) => asking.authenticate(&question.proof, &key, draw.now),
            Record::Moving(_) | Record::Kept(_) => no_such,
        });
        Ok(match stands {
            Some(Authenticated::Passed) => AuthenticationAnswer {
                stands: Authenticated::Passed,
                code: Some(VERIFIED_CODE.to_owned()),
                text: Some(VERIFIED_TEXT.to_owned()),
            },
            other => other.unwrap_or(no_such).into(),
        })
    }

    fn authorise(&mut self, question: &Authorise, draw: Draw) -> Result<Outcome, NoAnswer> {
        let card = question.means.as_ref().map(|means| match means {
            Means::Card(card) => Some(self.fingerprint(card)),
            Means::Token { value, .. } => {
                self.kept(value).and_then(KeptCard::known).map(|known| known.fingerprint)
            }
        });
        let asked = Asked::Authorise {
            kind: question.kind,
            order: question.order.clone(),
            authentication: question.authentication.clone(),
            card: card.flatten(),
        };
        let before =
            self.heard_before(&question.operation, &asked, Some(question.amount), draw.now);
        if let Some(before) = before {
            return Ok(before);
        }
        let served = match card {
            // A name that nobody knows, or not any more.
            Some(None) => Err(Refusal::Network(ResponseCode::NO_SUCH_CARD)),
            Some(Some(card)) => {
                self.served(question, Some(&card), draw.now).map_err(Refusal::Authentication)
            }
            None => self.served(question, None, draw.now).map_err(Refusal::Authentication),
        };
        if served.as_ref().is_ok_and(|asking| asking.behaviour() == Behaviour::Unreachable) {
            return Err(NoAnswer::NotReached);
        }
        let number = number_of(&question.operation);
        let (fate, asking) = match served {
            Ok(asking) => (Fate::of(asking.behaviour(), question), Some(asking)),
            Err(refusal) => (Fate::Refused(refusal), None),
        };
        let moving = Moving {
            number,
            operation: question.operation.clone(),
            asked,
            amount: question.amount,
            at: draw.now,
            fate,
            behaviour: asking.as_ref().map_or(Behaviour::Approve, Asking::behaviour),
            traced_by: asking.as_ref().map_or(number, Asking::number),
            scheme_transaction: asking.map(|asking| asking.scheme_transaction().to_owned()),
            captured_by: None,
            refunded_minor: 0,
            is_voided: false,
        };
        let answer = moving.answer(draw.now);
        self.make(Record::Moving(Box::new(moving)));
        Ok(answer)
    }

    fn capture(&mut self, question: &Further, draw: Draw) -> Result<Outcome, NoAnswer> {
        let asked = |of| Asked::Capture { of };
        let amount = Some(question.amount);
        Ok(self.follow(&question.operation, &question.original, asked, amount, draw.now))
    }

    fn void(&mut self, question: &Void, draw: Draw) -> Result<Outcome, NoAnswer> {
        let asked = |of| Asked::Void { of };
        Ok(self.follow(&question.operation, &question.original, asked, None, draw.now))
    }

    fn refund(&mut self, question: &Further, draw: Draw) -> Result<Outcome, NoAnswer> {
        let asked = |of| Asked::Refund { of };
        let amount = Some(question.amount);
        Ok(self.follow(&question.operation, &question.original, asked, amount, draw.now))
    }

    fn status(&mut self, question: &Status, draw: Draw) -> Result<Found, NotKnown> {
        let number = number_of(&question.operation);
        self.settle(number, draw.now);
        let record = self.records.get(&number);
        match record.filter(|record| *record.operation() == question.operation) {
            Some(Record::Moving(moving)) => moving.found(draw.now).map(Found::Operation),
            Some(Record::Asking(asking)) => {
                Ok(asking.number().to_string().parse().map_or(Found::Nothing, |authentication| {
                    Found::Authentication { authentication, stands: asking.stands(draw.now) }
                }))
            }
            Some(Record::Kept(_)) | None => Ok(Found::Nothing),
        }
    }

    fn keep(&mut self, question: &Keep, draw: Draw) -> Result<Keeping, NoAnswer> {
        let Some(card) = Known::of(&question.card, &self.key) else {
            return Ok(Keeping::Refused(Refusal::Network(ResponseCode::NO_SUCH_CARD)));
        };
        let number = number_of(&question.operation);
        let kept = || Ok(Keeping::Kept(Kept { token: number.to_string() }));
        match self.records.get(&number) {
            Some(Record::Kept(before))
                if *before.operation() == question.operation
                    && before.known().is_some_and(|it| it.fingerprint == card.fingerprint) =>
            {
                return kept();
            }
            Some(_) => return Ok(Keeping::Refused(Refusal::Rule(Contradiction::NameTaken))),
            None => {}
        }
        if let Some(refusal) = card.refuses(draw.now) {
            return Ok(Keeping::Refused(refusal));
        }
        let record = KeptCard::new(number, question.operation.clone(), card);
        self.make(Record::Kept(Box::new(record)));
        kept()
    }

    fn forget(&mut self, question: &Forget, _draw: Draw) -> Result<(), NoAnswer> {
        if let Some(number) = self.kept(&question.token).map(KeptCard::number) {
            self.change(number, |record| {
                if let Record::Kept(kept) = record {
                    kept.forget();
                }
            });
        }
        Ok(())
    }
}

impl Simulator {
    fn challenged(&self, asking: &Asking) -> Initiated {
        let number = asking.number();
        let Ok(authentication) = number.to_string().parse() else {
            return Initiated::Refused(Refusal::Rule(Contradiction::WrongState));
        };
        let challenge = match asking.flow() {
            Flow::Redirect => Challenge::Redirect { url: format!("{}{number}", self.page_url) },
            Flow::Seamless => Challenge::Code { valid_minutes: asking.valid_minutes() },
        };
        Initiated::Challenged { authentication, challenge }
    }

    /// Uses up the authentication of a sale, and says who was asked. With a network that is not reached nothing is used.
    fn served(
        &mut self,
        question: &Authorise,
        card: Option<&Fingerprint>,
        now: Timestamp,
    ) -> Result<Asking, NotServed> {
        let asking = question.authentication.as_ref().and_then(|id| self.asking(id)).cloned();
        let asking = asking.ok_or(NotServed::NotAuthenticated)?;
        if asking.behaviour() == Behaviour::Unreachable {
            return Ok(asking);
        }
        let wanted = Use {
            operation: &question.operation,
            order: &question.order,
            amount: question.amount,
            card,
        };
        let served = self.change(asking.number(), |record| match record {
            Record::Asking(asking) => asking.authentication.serve(&wanted, now),
            Record::Moving(_) | Record::Kept(_) => Err(NotServed::NotAuthenticated),
        });
        served.unwrap_or(Err(NotServed::NotAuthenticated)).map(|()| asking)
    }
}
