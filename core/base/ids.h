// Vectors that are indexed by the id of what their elements belong to, and walks over ids. Ids are plain integers that count from 0
// (core/ir/model.h); here is the only place that makes sizes of them.
#pragma once

#include <cstddef>
#include <iterator>
#include <vector>

namespace qs {

/// 0, 1, ... `end` - 1: `for (const LayerId id : model.layerIds())`.
template <typename Id>
class IdRange {
public:
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Id;
        using difference_type = std::ptrdiff_t;
        using pointer = const Id*;
        using reference = Id;

        Iterator() = default;
        explicit Iterator(Id id) : m_id(id) {}
        Id operator*() const { return m_id; }
        Iterator& operator++()
        {
            ++m_id;
            return *this;
        }
        Iterator operator++(int) { return Iterator(m_id++); }
        bool operator==(const Iterator&) const = default;

    private:
        Id m_id = 0;
    };

    explicit IdRange(Id end) : m_end(end) {}
    Iterator begin() const { return Iterator(0); }
    Iterator end() const { return Iterator(m_end); }

private:
    Id m_end;
};

/// A std::vector whose index is an id.
template <typename Id, typename T>
class ById : public std::vector<T> {
    using Base = std::vector<T>;

public:
    using Base::Base;

    typename Base::reference operator[](Id id) { return Base::operator[](static_cast<size_t>(id)); }
    typename Base::const_reference operator[](Id id) const { return Base::operator[](static_cast<size_t>(id)); }
    bool contains(Id id) const { return id >= 0 && id < nextId(); }
    /// The id of what is appended next.
    Id nextId() const { return static_cast<Id>(Base::size()); }
    IdRange<Id> ids() const { return IdRange<Id>(nextId()); }
};

}  // namespace qs
