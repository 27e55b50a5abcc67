using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tests.Gguf;

public sealed class GgufMetadataTests
{
    private static readonly GgufMetadata s_metadata = Load(new GgufWriter()
        .Set("byte", (byte)200)
        .Set("long", -5_000_000_000L)
        .Set("huge", ulong.MaxValue)
        .Set("float", 0.5f)
        .Set("text", "x")
        .Set("flag", false)
        .Set("words", (string[])["a", "b"])
        .Set("signed", new sbyte[] { -1, 2 })
        .Set("unsigned", new ulong[] { 1, ulong.MaxValue })
        .Set("floats", new[] { 0.25f }));

    [Fact]
    public void Integers_of_any_width_are_integers()
    {
        Assert.Equal(200, s_metadata.GetInt32("byte"));
        Assert.Equal(-5_000_000_000, s_metadata.GetInt64("long"));
        Assert.Equal([-1, 2], s_metadata.GetInt64Array("signed"));
        Assert.False(s_metadata.TryGetInt64("huge", out _));
        Assert.False(s_metadata.TryGetInt64("float", out _));
        Assert.False(s_metadata.TryGetInt64Array("unsigned", out _));
    }

    [Fact]
    public void Integers_serve_as_numbers()
    {
        Assert.Equal(0.5, s_metadata.GetDouble("float"));
        Assert.Equal(200, s_metadata.GetDouble("byte"));
        Assert.Equal(ulong.MaxValue, s_metadata.GetDouble("huge"));
        Assert.Equal([0.25], s_metadata.GetDoubleArray("floats"));
        Assert.Equal([-1, 2], s_metadata.GetDoubleArray("signed"));
        Assert.Equal([1, ulong.MaxValue], s_metadata.GetDoubleArray("unsigned"));
        Assert.False(s_metadata.TryGetDouble("text", out _));
    }

    [Fact]
    public void Texts_and_flags_are_what_they_are()
    {
        Assert.Equal("x", s_metadata.GetString("text"));
        Assert.Equal(["a", "b"], s_metadata.GetStringArray("words").ToArray());
        Assert.False(s_metadata.GetBool("flag"));
        Assert.False(s_metadata.TryGetBool("byte", out _));
        Assert.False(s_metadata.TryGetString("words", out _));
        Assert.False(s_metadata.TryGetStringArray("text", out _));
    }

    [Fact]
    public void A_missing_key_and_a_wrong_kind_are_named()
    {
        Fails("'nowhere' (a 32-bit integer) is missing", () => s_metadata.GetInt32("nowhere"));
        Fails("'long' should be a 32-bit integer, but is -5000000000", () => s_metadata.GetInt32("long"));
        Fails("'text' should be an integer, but is the text 'x'", () => s_metadata.GetInt64("text"));
        Fails("'words' should be a string, but is an array of 2 strings", () => s_metadata.GetString("words"));
        Fails("'floats' should be a number, but is an array of 1 values", () => s_metadata.GetDouble("floats"));
        Fails("'text' should be a bool", () => s_metadata.GetBool("text"));
        Fails("'flag' should be an array of strings", () => s_metadata.GetStringArray("flag"));
        Fails("'floats' should be an array of integers", () => s_metadata.GetInt64Array("floats"));
        Fails("'words' should be an array of numbers", () => s_metadata.GetDoubleArray("words"));
    }

    [Fact]
    public void It_is_a_dictionary()
    {
        Assert.Equal(10, s_metadata.Count);
        Assert.Contains("text", s_metadata.Keys);
        Assert.True(s_metadata.TryGetValue("flag", out object? flag) && flag is false);
        Assert.Throws<KeyNotFoundException>(() => s_metadata["nowhere"]);
    }

    private static void Fails(string expected, Func<object> get)
        => Assert.Contains(expected, Assert.Throws<GgufFormatException>(() => get()).Message, StringComparison.Ordinal);

    private static GgufMetadata Load(GgufWriter writer)
    {
        var bytes = new MemoryStream();
        writer.Write(bytes);
        bytes.Position = 0;
        using GgufFile file = GgufFile.Load(bytes);
        return file.Metadata;
    }
}
