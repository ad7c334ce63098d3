//! A list that mostly has one element, which then needs no memory of its own.

/// The elements, in their order.
#[derive(Debug, Clone, Default)]
#[expect(clippy::box_collection, reason = "the list is to be no larger than its element")]
pub enum Few<T> {
    /// None.
    #[default]
    None,
    /// One.
    One(T),
    /// Several; boxed, so that the list is no larger than its element.
    Many(Box<Vec<T>>),
}

impl<T> Few<T> {
    /// The elements.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::None => &[],
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }

    /// The elements, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Self::None => &mut [],
            Self::One(one) => std::slice::from_mut(one),
            Self::Many(many) => many,
        }
    }

    /// The elements, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.as_slice().iter()
    }

    /// Puts an element at a place, which is at most the number of elements.
    pub fn insert(&mut self, place: usize, element: T) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(element),
            Self::One(one) if place == 0 => Self::Many(Box::new(vec![element, one])),
            Self::One(one) => Self::Many(Box::new(vec![one, element])),
            Self::Many(mut many) => {
                many.insert(place.min(many.len()), element);
                Self::Many(many)
            }
        };
    }

    /// The elements as a list that owns them.
    pub fn into_vec(self) -> Vec<T> {
        match self {
            Self::None => Vec::new(),
            Self::One(one) => vec![one],
            Self::Many(many) => *many,
        }
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut few = Self::None;
        for element in elements {
            few = match few {
                Self::None => Self::One(element),
                Self::One(one) => Self::Many(Box::new(vec![one, element])),
                Self::Many(mut many) => {
                    many.push(element);
                    Self::Many(many)
                }
            };
        }
        few
    }
}
