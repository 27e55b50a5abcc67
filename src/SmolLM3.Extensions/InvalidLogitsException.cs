namespace SmolLM3.Extensions;

/// <summary>What the model computed for a request is not a number: its file, or a constraint, is broken. Only that
/// request ends; others go on.</summary>
public sealed class InvalidLogitsException : InvalidOperationException
{
    internal InvalidLogitsException(string found)
        : base($"The model's logits hold {found}, so no token can be chosen. The model file holds weights that are not "
            + "finite, or a constraint wrote such a number: fetch or convert the file again, or mend the constraint.")
    {
    }
}
