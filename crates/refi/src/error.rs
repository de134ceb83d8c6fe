use thiserror::Error;

/// Why a project or a codebook could not be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RefiError {
    /// The archive could not be written, or is no archive.
    #[error("the archive: {0}; export the project again")]
    Zip(#[from] zip::result::ZipError),
    /// The file could not be written or read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The archive holds no `.qde` file.
    #[error("the archive holds no project (*.qde); is it a REFI-QDA project?")]
    NoProject,
    /// The root element is another one.
    #[error("this is no REFI-QDA {expected}: its root element is '{found}'")]
    OtherRoot {
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// The XML is damaged.
    #[error("byte {position} of the XML: {problem}; export it again")]
    Xml {
        /// Where, in bytes.
        position: u64,
        /// What is wrong.
        problem: String,
    },
    /// Elements within elements beyond reason.
    #[error("its elements are nested more than {0} deep")]
    TooDeep(usize),
    /// More than is read.
    #[error("'{name}', unpacked, is larger than {limit} bytes")]
    TooLarge {
        /// The file within the archive.
        name: String,
        /// The largest that is read.
        limit: u64,
    },
    /// An id that is none.
    #[error("'{0}' is no id (8-4-4-4-12 hexadecimal digits)")]
    BadGuid(String),
    /// A selection of the project leaves its text: a defect of the caller.
    #[error("a selection of '{source_name}' ({start}…{end}) is no range of its text")]
    BadSelection {
        /// The text's name.
        source_name: String,
        /// First byte.
        start: usize,
        /// Byte after the last.
        end: usize,
    },
}

impl From<quick_xml::Error> for RefiError {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            quick_xml::Error::Io(error) => Self::Io(std::io::Error::other(error)),
            error => Self::Xml {
                position: 0,
                problem: error.to_string(),
            },
        }
    }
}
