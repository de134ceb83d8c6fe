//! The names under which exports keep their columns, as letters and digits in
//! lower case; within a list, the earlier name is the better one.

/// What a column can be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// The words that are read.
    Text,
    /// A heading above the words.
    Title,
    /// What names the row.
    Id,
    /// The day it was written.
    Date,
    /// A score in numbers.
    Rating,
    /// Who wrote it.
    Author,
    /// What it is about.
    Product,
    /// The question that it answers.
    Question,
    /// Who spoke, in a transcript.
    Speaker,
    /// When a turn starts, in a transcript.
    Start,
    /// When a turn ends, in a transcript.
    End,
    /// Which conversation a turn belongs to, in a transcript.
    Conversation,
    /// How likely somebody is to recommend, from 0 to 10.
    Nps,
    /// The language that it is written in.
    Language,
}

impl Use {
    /// Every use, in the order in which columns are claimed.
    pub(super) const ALL: [Self; 14] = [
        Self::Text,
        Self::Title,
        Self::Rating,
        Self::Nps,
        Self::Date,
        Self::Speaker,
        Self::Author,
        Self::Id,
        Self::Product,
        Self::Question,
        Self::Start,
        Self::End,
        Self::Conversation,
        Self::Language,
    ];

    /// The key that maps a column to this use.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Title => "title",
            Self::Id => "id",
            Self::Date => "date",
            Self::Rating => "rating",
            Self::Author => "author",
            Self::Product => "product",
            Self::Question => "question",
            Self::Speaker => "speaker",
            Self::Start => "start",
            Self::End => "end",
            Self::Conversation => "conversation",
            Self::Nps => "nps",
            Self::Language => "language",
        }
    }

    /// The names that columns of this use have been seen under.
    pub(super) fn aliases(self) -> impl Iterator<Item = &'static str> {
        let names = match self {
            Self::Text => TEXT,
            Self::Title => TITLE,
            Self::Id => ID,
            Self::Date => DATE,
            Self::Rating => RATING,
            Self::Author => AUTHOR,
            Self::Product => PRODUCT,
            Self::Question => QUESTION,
            Self::Speaker => SPEAKER,
            Self::Start => START,
            Self::End => END,
            Self::Conversation => CONVERSATION,
            Self::Nps => NPS,
            Self::Language => LANGUAGE,
        };
        names.split_whitespace()
    }
}

/// `name` as the lists below write it.
pub(super) fn normalised(name: &str) -> String {
    // Typeform numbers its answers in a column of this name.
    if name.trim() == "#" {
        return "number".to_owned();
    }
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

const TEXT: &str = "
    reviewtext reviewbody reviewcontent reviewscontent reviewstext reviewdetail
    reviewdescription fullreview reviewcomment verbatim verbatimtext feedback feedbacktext
    customerfeedback text body fulltext content review comment comments commenttext dialog
    dialogue utterance transcript answer response responsetext answertext message opinion
    remarks statement caption post tweet tweettext complaint narrative
    consumercomplaintnarrative ticketdescription description notes note passage sentence
    attributesbody sourcebody commentsusercommenttext userreview reviewcontenttext
    commentbody messagebody plainbody
";

const TITLE: &str = "
    reviewtitle reviewheadline reviewsummary reviewstitle title headline heading subject summary
    ticketsubject attributestitle sourcesubject reviewname
";

const ID: &str = "
    reviewid reviewsid responseid respondentid ticketid commentid feedbackid submissionid
    recordid entryid caseid rowid docid documentid messageid tweetid uuid guid id key token number
    ref reference
";

const DATE: &str = "
    reviewdate date reviewtime reviewsubmitdateandtime reviewsdate dateofreview publisheddate
    datepublished publicationdate publishedat created createdat createddate datecreated
    creationdate submittedat submitdate submitdateutc submissiondate datesubmitted postedat
    posteddate dateposted reviewedat enddate completed completedat recordeddate timestamp
    datetime time at unixreviewtime reviewlastupdatedateandtime updatedat startdate startdateutc
    attributescreateddate commentsusercommentlastmodifiedseconds commentsusercommentlastmodified
    reviewcreatedat experienceddate day
";

const RATING: &str = "
    rating reviewrating stars starrating reviewstars reviewsrating score reviewscore overall
    overallrating overallscore ratingvalue csat csatscore ces satisfactionrating
    satisfactionratingscore satisfaction userrating customerrating attributesrating reviewerscore grade
    commentsusercommentstarrating ratingoverall
";

const AUTHOR: &str = "
    authorid userid reviewerid customerid respondentid participantid reviewersid profileid
    consumerid author reviewer username authorname reviewername reviewsusername
    consumerdisplayname displayname profilename nickname reviewernickname
    attributesreviewernickname user respondent participant customer customername requester
    requesterid requestername sourceauthorid sourceauthorname emailaddress email handle screenname
";

const PRODUCT: &str = "
    product productname producttitle hotel hotelname airline airlinename restaurant business
    businessname brand company companyname app appname packagename item itemname parentasin asin
    productid businessid itemid appid organisation organization shop store place venue
    propertyname
";

const QUESTION: &str = "
    question questiontext prompt questiontitle
";

const NPS: &str = "
    nps npsscore npsrating netpromoterscore likelihoodtorecommend recommendscore
";

const LANGUAGE: &str = "
    language lang locale reviewerlanguage reviewlanguage userlanguage languagecode
    commentsusercommentreviewerlanguage responselanguage
";

const SPEAKER: &str = "
    speaker speakername speakerlabel speakerid affiliation role participantrole
";

const START: &str = "
    start starttime startms startseconds starts begin begintime from timestart startsec offset
    timecode timespan
";

const END: &str = "
    end endtime endms endseconds stop finish to timeend endsec
";

const CONVERSATION: &str = "
    interactionid conversationid dialogueid dialogid interviewid transcriptid meetingid callid
    chatid sessionid threadid
";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_normalised_and_stands_once_in_its_list() {
        for purpose in Use::ALL {
            let mut seen = BTreeSet::new();
            for alias in purpose.aliases() {
                assert_eq!(normalised(alias), alias);
                assert!(seen.insert(alias), "{alias} twice for {}", purpose.key());
            }
        }
    }

    #[test]
    fn spelling_of_a_name_does_not_matter() {
        assert_eq!(
            normalised("Review Submit Date and Time"),
            "reviewsubmitdateandtime"
        );
        assert_eq!(normalised("consumer.displayName"), "consumerdisplayname");
        assert_eq!(normalised("reviewer_ID"), "reviewerid");
    }
}
