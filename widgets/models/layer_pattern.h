// What is typed to find layers: words that all must be met, by name or type. "type:Conv*" looks at the type alone, a word with * or ? is a pattern of
// the whole name.
#pragma once

#include <QRegularExpression>
#include <QString>

#include <vector>

namespace qs {

class LayerPattern {
public:
    LayerPattern() = default;
    explicit LayerPattern(const QString& text);
    bool empty() const { return m_words.empty(); }
    /// Everything meets an empty pattern. Without regard to case.
    bool meets(const QString& name, const QString& type) const;
    /// For tooltips: what can be typed.
    static QString help();

private:
    enum class Of : uint8_t { NameOrType, Name, Type };
    struct Word {
        Of of = Of::NameOrType;
        QString text;
        QRegularExpression pattern;  ///< empty: a part of it is `text`
    };
    std::vector<Word> m_words;
};

}  // namespace qs
