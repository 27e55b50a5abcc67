namespace SmolLM3.Extensions;

/// <summary>The model continues texts and was never taught to chat: a base model, such as SmolLM3-3B-Base. Nothing was
/// computed. Use <see cref="ISmolLM3TextCompletion"/>, or the file of an instruct model.</summary>
public sealed class BaseModelException : NotSupportedException
{
    internal BaseModelException(string sign)
        : base(
            $"The model is a base model and cannot chat: {sign}. To continue texts with it, use "
            + "client.GetService<ISmolLM3TextCompletion>() or `smollm3 run --raw`; to chat, use a GGUF of the instruct "
            + "model, SmolLM3-3B.")
    {
    }
}
