using System.Text;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// The alphabet in which GPT-2 and its heirs write token bytes, so that a vocabulary can be kept as text without
/// spaces and control characters: printable Latin-1 stands for itself, the other 68 bytes are U+0100 and up, in order.
/// </summary>
internal static class ByteAlphabet
{
    private const int Characters = 256 + 68;

    private static readonly char[] s_fromByte = MakeFromByte();

    // By character: the byte, or -1.
    private static readonly short[] s_toByte = MakeToByte();

    /// <summary>The character that stands for a byte.</summary>
    public static char ToChar(byte value) => s_fromByte[value];

    /// <summary>Decodes a token's text (UTF-8) into the bytes it stands for.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">Room for as many bytes as the text has.</param>
    /// <param name="written">Bytes decoded.</param>
    /// <returns>False where a character is outside the alphabet or the text is not UTF-8.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, out int written)
    {
        written = 0;
        for (int i = 0; i < text.Length;)
        {
            int character = text[i++];
            if (character >= 0x80)
            {
                // The whole alphabet lies below U+0800: one byte or two.
                if ((character & 0xE0) != 0xC0 || i == text.Length || (text[i] & 0xC0) != 0x80)
                {
                    return false;
                }

                character = ((character & 0x1F) << 6) | (text[i++] & 0x3F);
                if (character < 0x80)
                {
                    return false;
                }
            }

            if (character >= Characters || s_toByte[character] < 0)
            {
                return false;
            }

            bytes[written++] = (byte)s_toByte[character];
        }

        return true;
    }

    /// <summary>Writes bytes in the alphabet.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (byte value in bytes)
        {
            text.Append(ToChar(value));
        }

        return text.ToString();
    }

    private static char[] MakeFromByte()
    {
        var characters = new char[256];
        char next = (char)256;
        for (int value = 0; value < 256; value++)
        {
            bool itself = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = itself ? (char)value : next++;
        }

        return characters;
    }

    private static short[] MakeToByte()
    {
        var bytes = new short[Characters];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < 256; value++)
        {
            bytes[ToChar((byte)value)] = (short)value;
        }

        return bytes;
    }
}
