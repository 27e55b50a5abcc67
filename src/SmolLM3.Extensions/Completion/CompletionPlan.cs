using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Completion;

/// <summary>Plans the continuation of a prompt: no template, no tags, no turns.</summary>
internal static class CompletionPlan
{
    /// <summary>Sets up the constraints.</summary>
    /// <param name="prompt">The prompt's ids.</param>
    /// <param name="settings">What the request asks for.</param>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Stops what takes long: compiling schemas.</param>
    /// <exception cref="NotSupportedException">The form of the text cannot be enforced.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static RequestPlan Create(
        IReadOnlyList<int> prompt, RequestSettings settings, LoadedModel model, CancellationToken cancellationToken)
    {
        if (model.IsRemote)
        {
            return Create(prompt, settings, model, RequestPlan.Rules(settings, new ServerRules { Form = settings.Form }));
        }

        List<ITokenConstraint> constraints = [];
        if (settings.Form is { } form)
        {
            CompiledGrammar grammar = model.Grammars.ForForm(form, cancellationToken);
            constraints.Add(new TextConstraint(grammar, EndToken(model.Tokenizer), model.Tokenizer.EndTokens));
        }

        if (settings.Constraint is { } own)
        {
            constraints.Add(own);
        }

        return Create(prompt, settings, model, constraints);
    }

    private static RequestPlan Create(
        IReadOnlyList<int> prompt, RequestSettings settings, LoadedModel model, List<ITokenConstraint> constraints) => new()
        {
            Generation = RequestPlan.ToGeneration(prompt, settings, model, constraints),
            Parser = new CompletionParser(model.Tokenizer, settings.StopSequences),
        };

    private static int EndToken(Tokenizer tokenizer) =>
        tokenizer.EosToken ?? (tokenizer.EndTokens is [int first, ..] ? first : throw new UnsupportedModelException(
            "The model's file names no token that ends a text, so a text that must have a form could not end. Use a file "
            + "made by a current converter."));
}
