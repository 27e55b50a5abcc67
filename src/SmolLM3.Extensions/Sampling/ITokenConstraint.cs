namespace SmolLM3.Extensions.Sampling;

/// <summary>
/// Limits or forces the tokens of one request. It keeps state, is called by one thread at a time and must not block:
/// other requests wait meanwhile. An exception thrown by it ends its request with that exception.
/// </summary>
/// <remarks>For each token to come: the first constraint of the request that forces one settles it; if none does,
/// every constraint masks and a token is sampled. Then <see cref="Accept"/> goes to all of them.</remarks>
public interface ITokenConstraint
{
    /// <summary>Whether the next token is settled, so that nothing is sampled. May be asked again for the same place;
    /// state moves on in <see cref="Accept"/> only.</summary>
    /// <param name="token">Its id.</param>
    bool TryForce(out int token);

    /// <summary>Writes negative infinity over what may not come next.</summary>
    /// <param name="logits">Shape <c>[vocabulary]</c>, after logit bias and penalties.</param>
    void Mask(Span<float> logits);

    /// <summary>Takes note of a token that came, sampled or forced.</summary>
    /// <param name="token">Its id.</param>
    void Accept(int token);
}
