using System.Text;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tokenization;

/// <summary>Reads merges ("Ġ t") as token ids.</summary>
internal sealed class MergeParser(Vocabulary vocabulary, AddedTokens added, GgufStringArray merges)
{
    private byte[] _bytes = new byte[256];

    /// <summary>Reads one merge.</summary>
    /// <returns>False for a merge with an added token in it: ordinary text must not make or use one.</returns>
    /// <exception cref="GgufFormatException">It is malformed or names a token that is not there.</exception>
    public bool TryRead(int index, out int left, out int right, out int merged)
    {
        ReadOnlySpan<byte> text = merges[index];
        if (_bytes.Length < text.Length)
        {
            _bytes = new byte[text.Length * 2];
        }

        // The alphabet has no space: the first one separates.
        int space = text.IndexOf((byte)' ');
        if (space <= 0 || space == text.Length - 1)
        {
            throw Malformed(index, "is not two tokens with a space between");
        }

        if (!ByteAlphabet.TryDecode(text[..space], _bytes, out int leftLength)
            || !ByteAlphabet.TryDecode(text[(space + 1)..], _bytes.AsSpan(leftLength), out int rightLength))
        {
            throw Malformed(index, "has a character outside the byte alphabet");
        }

        ReadOnlySpan<byte> whole = _bytes.AsSpan(0, leftLength + rightLength);
        return TryFind(index, whole[..leftLength], out left)
            & TryFind(index, whole[leftLength..], out right)
            & TryFind(index, whole, out merged);
    }

    private bool TryFind(int index, ReadOnlySpan<byte> bytes, out int id)
    {
        if (vocabulary.TryFind(bytes, out id))
        {
            return true;
        }

        // Added tokens stand in the file as text, or, where they were made of ordinary ones, in the alphabet.
        string text = ByteAlphabet.Encode(bytes);
        return added.TryGet(bytes, out _) || added.TryGet(text, out _)
            ? false
            : throw Malformed(index, $"needs the token '{text}', which is not there");
    }

    private GgufFormatException Malformed(int index, string problem) => new(
        $"Merge {index} of {TokenizerData.MergesKey}, '{Encoding.UTF8.GetString(merges[index])}', {problem}. "
        + "The file is damaged or was converted wrongly: convert or download it again.");
}
