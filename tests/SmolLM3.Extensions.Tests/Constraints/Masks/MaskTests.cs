using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Constraints.Schemas;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Extensions.Tests.Constraints.Schemas;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Tests.Constraints.Masks;

public sealed class MaskTests
{
    private static readonly VocabularyMasks s_vocabulary = new(Vocabularies.Tiny);

    public static TheoryData<string> Schemas =>
    [
        """{"type":"string"}""",
        """{"type":"string","maxLength":3}""",
        """{"type":"string","minLength":2,"maxLength":400}""",
        """{"type":"string","pattern":"^[a-z]+( [a-z]+){0,3}$"}""",
        """{"type":"number"}""",
        """{"type":"array","items":{"type":"integer","minimum":-20,"maximum":300}}""",
        """{"type":"object","properties":{"city":{"type":"string"},"country":{"type":"string"},"days":{"type":"integer"}}}""",
        """
        {"type":"object","properties":{"city":{"enum":["Paris","Pamplona","Rome"]},"unit":{"type":["string","null"]}},
        "required":["city"]}
        """,
        """{"type":"object","additionalProperties":{"type":"boolean"},"properties":{"a":{"type":"null"}}}""",
        "{}",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void The_tokens_of_a_mask_are_those_the_grammar_goes_on_with(string schema)
    {
        Tokenizer tokenizer = Vocabularies.Tiny;
        Random random = new(schema.Length);
        for (int run = 0; run < 12; run++)
        {
            CompiledGrammar grammar = Compile(schema);
            Node state = grammar.Start;
            for (int step = 0; step < 40 && !state.IsEnd; step++)
            {
                if (grammar.TryForce(state, out int settled))
                {
                    state = grammar.Step(state, settled);
                    Assert.False(state.IsDead);
                    continue;
                }

                int[] expected = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(id => Fits(grammar, state, id))];
                TokenMask mask = grammar.GetMask(state);

                Assert.Equal(expected, Enumerable.Range(0, tokenizer.VocabularySize).Where(mask.Contains));
                Assert.Equal(expected.Length, mask.Count);
                state = grammar.Step(state, expected[random.Next(expected.Length)]);
            }
        }
    }

    [Fact]
    public void Logits_of_other_tokens_become_negative_infinity_and_no_others_change()
    {
        CompiledGrammar grammar = Compile("""{"type":"string"}""");
        Node inside = grammar.Start.Step((byte)'"');
        foreach (TokenMask mask in (TokenMask[])[grammar.GetMask(inside), grammar.GetMask(grammar.Start), TokenMask.None])
        {
            float[] logits = [.. Enumerable.Range(0, Vocabularies.Tiny.VocabularySize).Select(id => (float)id)];
            mask.Apply(logits, [5, 700]);
            Assert.All(logits.Index(), logit => Assert.Equal(
                mask.Contains(logit.Index) || logit.Index is 5 or 700 ? logit.Index : float.NegativeInfinity, logit.Item));
        }
    }

    [Fact]
    public void Text_without_a_choice_is_settled_in_its_usual_tokens_but_the_last()
    {
        Tokenizer tokenizer = Vocabularies.Tiny;
        CompiledGrammar grammar = Compile("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""");
        GrammarCursor cursor = new(grammar);
        List<int> forced = [];
        while (cursor.TryForce(out int token))
        {
            forced.Add(token);
            cursor.Accept(token);
        }

        int[] usual = tokenizer.Encode("{\"city\": \"");
        Assert.Equal(usual[..^1], forced);
        Assert.False(cursor.CanEnd);

        // The last may be longer than the text that is settled, but not shorter.
        float[] logits = new float[tokenizer.VocabularySize];
        cursor.Mask(logits, []);
        string rest = tokenizer.Decode([usual[^1]]);
        Assert.Equal(0, logits[usual[^1]]);
        Assert.All(logits.Index().Where(logit => logit.Item == 0), logit =>
            Assert.StartsWith(rest, tokenizer.Decode([logit.Index]), StringComparison.Ordinal));
    }

    [Fact]
    public void A_text_without_any_choice_is_settled_to_its_end()
    {
        CompiledGrammar grammar = Compile("""{"const":{"a":"a long text","b":[1,2]}}""");
        GrammarCursor cursor = new(grammar);
        List<int> forced = [];
        while (cursor.TryForce(out int token))
        {
            forced.Add(token);
            cursor.Accept(token);
        }

        Assert.True(cursor.IsAtEnd);
        Assert.Equal("{\"a\": \"a long text\", \"b\": [1, 2]}", Vocabularies.Tiny.Decode([.. forced]));
        Assert.Equal(Vocabularies.Tiny.Encode("{\"a\": \"a long text\", \"b\": [1, 2]}"), forced);
    }

    [Fact]
    public void A_token_against_the_grammar_is_refused()
    {
        GrammarCursor cursor = new(Compile("""{"type":"integer"}"""));
        Assert.Throws<InvalidOperationException>(() => cursor.Accept(Vocabularies.Tiny.Encode("x")[0]));
        Assert.Throws<InvalidOperationException>(() => cursor.Accept(Vocabularies.Tiny.Id("<tool_call>")));
    }

    [Fact]
    public void The_tree_has_every_token_that_is_text()
    {
        Tokenizer tokenizer = Vocabularies.Tiny;
        TokenTrie trie = s_vocabulary.Trie;
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (tokenizer.GetKind(id) == TokenKind.Normal)
            {
                Assert.Equal(id, trie.Token(trie.Find(tokenizer.GetBytes(id))));
            }
        }

        Assert.Equal(trie.Count, trie.End(TokenTrie.Root));
    }

    private static CompiledGrammar Compile(string schema)
    {
        Grammar grammar = new();
        Node start = SchemaCompiler.Compile(
            grammar,
            new JsonLanguage(grammar),
            System.Text.Json.JsonElement.Parse(schema),
            new SchemaReport(SchemaMode.Strict));
        return new CompiledGrammar(grammar, start, s_vocabulary);
    }

    // Where some bytes are settled, a token must take all of them.
    private static bool Fits(CompiledGrammar grammar, Node state, int token) =>
        Vocabularies.Tiny.GetBytes(token).StartsWith(ForcedText.From(state).Bytes)
        && Vocabularies.Tiny.GetBytes(token).Length > 0
        && !grammar.Step(state, token).IsDead;
}
