//! Pictures are drawn anew: what is kept holds pixels, turned the right way, and nothing else that was in the file.

use std::io::{Cursor, Write};

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{
    AnimationDecoder as _, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder as _,
    ImageError,
};
use xiaoer_domain::chat::FileKind;

/// Longer edge of the small picture.
const THUMB_EDGE: u32 = 480;
/// Quality of what is kept.
const QUALITY: u8 = 86;
/// Quality of the small picture.
const THUMB_QUALITY: u8 = 78;
/// A profile of colours is kept up to this length: goods should have the colour that the camera saw.
const PROFILE_BYTES_MAX: usize = 8 * 1024;

/// Why no picture can be made of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoilt {
    /// It cannot be read as what it says it is.
    Unreadable,
    /// It would take more memory than a picture may.
    TooManyPixels,
}

impl Spoilt {
    /// The word on the wire.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooManyPixels => "too_many_pixels",
        }
    }
}

impl From<ImageError> for Spoilt {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooManyPixels,
            _ => Self::Unreadable,
        }
    }
}

/// A picture in a file.
pub(super) struct Drawn {
    /// Which kind of file.
    pub(super) kind: FileKind,
    /// The file.
    pub(super) bytes: Vec<u8>,
}

/// A picture and its small one.
pub(super) struct Pair {
    pub(super) whole: Drawn,
    pub(super) thumb: Drawn,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Draws a picture anew. How many pixels it has is asked before any of them is read.
pub(super) fn draw(bytes: &[u8], kind: FileKind, pixels_max: u64) -> Result<Pair, Spoilt> {
    let from = || Cursor::new(bytes);
    match kind {
        FileKind::Jpeg => still(JpegDecoder::new(from())?, kind, pixels_max),
        FileKind::Png => still(PngDecoder::new(from())?, kind, pixels_max),
        FileKind::Webp => still(WebPDecoder::new(from())?, kind, pixels_max),
        FileKind::Gif => moving(GifDecoder::new(from())?, pixels_max),
        _ => Err(Spoilt::Unreadable),
    }
}

fn still(mut decoder: impl ImageDecoder, kind: FileKind, pixels_max: u64) -> Result<Pair, Spoilt> {
    limit(&mut decoder, pixels_max)?;
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let profile = profile.filter(|profile| profile.len() <= PROFILE_BYTES_MAX);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(turn);
    let clear = picture.color().has_alpha() && !is_opaque(&picture);
    let kind = match kind {
        FileKind::Webp if clear => FileKind::Png,
        FileKind::Webp => FileKind::Jpeg,
        other => other,
    };
    let small =
        picture.thumbnail(THUMB_EDGE.min(picture.width()), THUMB_EDGE.min(picture.height()));
    let small_kind = if clear { FileKind::Png } else { FileKind::Jpeg };
    Ok(Pair {
        whole: encode(&picture, kind, QUALITY, profile.clone())?,
        thumb: encode(&small, small_kind, THUMB_QUALITY, profile)?,
        width: picture.width(),
        height: picture.height(),
    })
}

/// Frame by frame, so that only one lies in memory.
fn moving(mut decoder: GifDecoder<Cursor<&[u8]>>, pixels_max: u64) -> Result<Pair, Spoilt> {
    limit(&mut decoder, pixels_max)?;
    let (width, height) = decoder.dimensions();
    let each = u64::from(width) * u64::from(height);
    let (mut bytes, mut first, mut pixels) = (Vec::new(), None, 0);
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 10);
    for frame in decoder.into_frames() {
        pixels += each;
        if pixels > pixels_max {
            return Err(Spoilt::TooManyPixels);
        }
        let frame = frame?;
        if first.is_none() {
            first = Some(frame.clone());
        } else if pixels == 2 * each {
            encoder.set_repeat(Repeat::Infinite)?;
        }
        encoder.encode_frame(frame)?;
    }
    drop(encoder);
    let first = DynamicImage::from(first.ok_or(Spoilt::Unreadable)?.into_buffer());
    let small = first.thumbnail(THUMB_EDGE.min(width), THUMB_EDGE.min(height));
    let kind = if is_opaque(&first) { FileKind::Jpeg } else { FileKind::Png };
    let thumb = encode(&small, kind, THUMB_QUALITY, None)?;
    Ok(Pair { whole: Drawn { kind: FileKind::Gif, bytes }, thumb, width, height })
}

fn limit(decoder: &mut impl ImageDecoder, pixels_max: u64) -> Result<(), Spoilt> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(Spoilt::Unreadable);
    }
    // Eight bytes a pixel at the most: four channels of sixteen bits.
    if pixels > pixels_max || decoder.total_bytes() > pixels_max.saturating_mul(8) {
        return Err(Spoilt::TooManyPixels);
    }
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(pixels_max.saturating_mul(16));
    Ok(decoder.set_limits(limits)?)
}

fn is_opaque(picture: &DynamicImage) -> bool {
    match picture {
        DynamicImage::ImageRgba8(picture) => picture.pixels().all(|pixel| pixel[3] == u8::MAX),
        other => !other.color().has_alpha(),
    }
}

fn encode(
    picture: &DynamicImage,
    kind: FileKind,
    quality: u8,
    profile: Option<Vec<u8>>,
) -> Result<Drawn, Spoilt> {
    let mut bytes = Vec::new();
    if kind == FileKind::Jpeg {
        let gray = picture.color().channel_count() == 1;
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
        // A profile that the form does not hold is left out.
        let _ = profile.map(|profile| encoder.set_icc_profile(profile));
        if gray {
            let picture = picture.to_luma8();
            let (width, height) = picture.dimensions();
            encoder.write_image(&picture, width, height, ExtendedColorType::L8)?;
        } else {
            let picture = picture.to_rgb8();
            let (width, height) = picture.dimensions();
            encoder.write_image(&picture, width, height, ExtendedColorType::Rgb8)?;
        }
    } else {
        png(picture, &mut bytes, profile)?;
    }
    Ok(Drawn { kind, bytes })
}

fn png(
    picture: &DynamicImage,
    bytes: &mut impl Write,
    profile: Option<Vec<u8>>,
) -> Result<(), Spoilt> {
    let mut encoder =
        PngEncoder::new_with_quality(bytes, CompressionType::Default, FilterType::Adaptive);
    let _ = profile.map(|profile| encoder.set_icc_profile(profile));
    let (width, height) = (picture.width(), picture.height());
    if picture.color().has_alpha() {
        encoder.write_image(&picture.to_rgba8(), width, height, ExtendedColorType::Rgba8)?;
    } else {
        encoder.write_image(&picture.to_rgb8(), width, height, ExtendedColorType::Rgb8)?;
    }
    Ok(())
}
