using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>Follows tokens in order and tells after each whether it ends a character, by the lengths that UTF-8's first
/// bytes announce.</summary>
internal sealed class CharacterEnd(Tokenizer tokenizer)
{
    private int _missing;

    public bool Follow(int token)
    {
        foreach (byte unit in tokenizer.GetBytes(token))
        {
            _missing = unit switch
            {
                >= 0xF0 => 3,
                >= 0xE0 => 2,
                >= 0xC0 => 1,
                >= 0x80 => Math.Max(0, _missing - 1),
                _ => 0,
            };
        }

        return _missing == 0;
    }
}
