//! Which records a question needs, for who keeps them elsewhere.

use torana_domain::card::Means;

use super::numbers::{number_of, number_of_name};
use crate::card::network::{
    Authenticate, Authorise, Forget, Further, Initiate, Keep, Original, Status, Void,
};

/// A question to the simulated network.
pub trait Needs {
    /// The numbers of the records that it names, as far as there are any. They have to be
    /// [remembered](super::Simulator::remember) before it is asked, with all that they [follow](super::Record::follows),
    /// and what that follows.
    fn needed(&self) -> Vec<u64>;
}

impl Needs for Initiate {
    fn needed(&self) -> Vec<u64> {
        let token = of_means(Some(&self.means));
        [Some(number_of(&self.operation)), token].into_iter().flatten().collect()
    }
}

impl Needs for Authenticate {
    fn needed(&self) -> Vec<u64> {
        // The operation is that of the authentication, or the question is answered with nothing.
        number_of_name(self.authentication.as_str()).into_iter().collect()
    }
}

impl Needs for Authorise {
    fn needed(&self) -> Vec<u64> {
        let authentication =
            self.authentication.as_ref().and_then(|id| number_of_name(id.as_str()));
        let token = of_means(self.means.as_ref());
        [Some(number_of(&self.operation)), authentication, token].into_iter().flatten().collect()
    }
}

impl Needs for Further {
    fn needed(&self) -> Vec<u64> {
        [Some(number_of(&self.operation)), of_original(&self.original)]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl Needs for Void {
    fn needed(&self) -> Vec<u64> {
        [Some(number_of(&self.operation)), of_original(&self.original)]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl Needs for Status {
    fn needed(&self) -> Vec<u64> {
        vec![number_of(&self.operation)]
    }
}

impl Needs for Keep {
    fn needed(&self) -> Vec<u64> {
        vec![number_of(&self.operation)]
    }
}

impl Needs for Forget {
    fn needed(&self) -> Vec<u64> {
        number_of_name(&self.token).into_iter().collect()
    }
}

fn of_means(means: Option<&Means>) -> Option<u64> {
    match means? {
        Means::Card(_) => None,
        Means::Token { value, .. } => number_of_name(value),
    }
}

pub(super) fn of_original(original: &Original) -> Option<u64> {
    match original {
        Original::Transaction(id) => number_of_name(id.as_str()),
        Original::Operation(operation) => Some(number_of(operation)),
    }
}
