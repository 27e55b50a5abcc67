namespace SmolLM3.Extensions;

/// <summary>A message holds something a text model cannot read, such as an image.</summary>
public sealed class UnsupportedContentException : NotSupportedException
{
    internal UnsupportedContentException(string mediaType, string advice)
        : base($"SmolLM3 reads text only, and a message holds content of type '{mediaType}'. {advice}") =>
        MediaType = mediaType;

    /// <summary>The content's media type, such as <c>image/png</c>.</summary>
    public string MediaType { get; }
}
