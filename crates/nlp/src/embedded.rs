use std::path::Path;

/// A model that is part of the program: the files of its folder.
pub(crate) struct Embedded {
    /// What `--model` calls it: the name of its folder.
    pub name: &'static str,
    files: &'static [(&'static str, &'static [u8])],
}

macro_rules! model {
    ($name:literal: $($file:literal),+ $(,)?) => {
        Embedded {
            name: $name,
            files: &[$((
                $file,
                include_bytes!(concat!("../../../models/", $name, "/", $file)),
            )),+],
        }
    };
}

/// Every model that is part of the program, the default first. Another one is
/// another line.
static MODELS: &[Embedded] = &[
    model!(
        "throughline-l6": "model.json", "model.onnx", "version-3.zst", "tokenizer.json",
        "reference.jsonl",
    ),
    model!("fast": "model.json", "model.onnx", "tokenizer.json", "reference.jsonl"),
];

impl Embedded {
    /// Every model that is part of the program, the default first.
    pub(crate) fn all() -> &'static [Self] {
        MODELS
    }

    /// The model that `path` names. `./name` is a folder and never one of these.
    pub(crate) fn named(path: &Path) -> Option<&'static Self> {
        MODELS.iter().find(|model| path.as_os_str() == model.name)
    }

    /// The bytes of one of its files.
    pub(crate) fn file(&self, name: &str) -> Option<&'static [u8]> {
        let mut files = self.files.iter();
        files
            .find(|(file, _)| *file == name)
            .map(|(_, bytes)| *bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    #[test]
    fn a_model_is_called_what_its_manifest_says_and_its_folder_does() {
        for model in Embedded::all() {
            let bytes = model.file("model.json").unwrap();
            let manifest = Manifest::parse(bytes, Path::new("model.json")).unwrap();
            assert_eq!(manifest.name, model.name);
            let found = Embedded::named(Path::new(model.name)).unwrap();
            assert_eq!(found.name, model.name);
            let folder = Path::new(".").join(model.name);
            assert!(Embedded::named(&folder).is_none());
        }
    }
}
